import { z } from 'zod';
import { ConsoleQuery, ConsoleRecordingList, NodeConsole, NodeController, NodeControllerSet, OpenConsoleList } from '../../node/console.ts';
import { none, nodeParams, type Route } from '../route.ts';

/** Consoles of nodes, and the management controllers they are reached by. */
export const consoleRoutes = {
  getConsole: {
    method: 'GET',
    path: '/nodes/{node}/console',
    access: 'operator',
    params: nodeParams,
    query: ConsoleQuery,
    response: NodeConsole,
    status: 200,
    summary: 'How a node’s console is reached and who has it open; with Upgrade: websocket the console itself',
  },
  listConsoles: {
    method: 'GET',
    path: '/consoles',
    access: 'operator',
    response: OpenConsoleList,
    status: 200,
    summary: 'The consoles that are open, with the servers that hold them',
  },
  listRecordings: {
    method: 'GET',
    path: '/consoles/recordings',
    access: 'administrator',
    response: ConsoleRecordingList,
    status: 200,
    summary: 'What the servers of the pool recorded of consoles',
  },
  getRecording: {
    method: 'GET',
    path: '/consoles/recordings/{id}',
    access: 'administrator',
    params: z.object({ id: z.string().regex(/^[\w.-]{1,300}\.cast$/u) }),
    response: z.string(),
    produces: ['application/x-asciicast'],
    status: 200,
    summary: 'One recording, as asciicast version 2',
  },
  getController: {
    method: 'GET',
    path: '/nodes/{node}/controller',
    access: 'administrator',
    params: nodeParams,
    response: NodeController,
    status: 200,
    summary: 'The management controller of a node, without its password',
  },
  setController: {
    method: 'PUT',
    path: '/nodes/{node}/controller',
    access: 'administrator',
    params: nodeParams,
    body: NodeControllerSet,
    response: NodeController,
    status: 200,
    summary: 'Say how the management controller of a node is reached',
  },
  removeController: {
    method: 'DELETE',
    path: '/nodes/{node}/controller',
    access: 'administrator',
    params: nodeParams,
    response: none,
    status: 204,
    summary: 'Forget the management controller of a node, with its password',
  },
} as const satisfies Record<string, Route>;
