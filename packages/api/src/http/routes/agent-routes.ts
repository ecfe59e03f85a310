import { z } from 'zod';
import {
  AgentCheck,
  AgentCheckRequest,
  AgentControl,
  AgentControlList,
  AgentControlSet,
  ControlKeyRotation,
  RotateControlKey,
} from '../../node/agent-control.ts';
import { JournalLines, maxJournalLines } from '../../node/journal.ts';
import { UnitName } from '../../operation/operation.ts';
import { none, nodeParams, type Route } from '../route.ts';

export const JournalQuery = z.strictObject({ lines: z.coerce.number().int().min(0).max(maxJournalLines).default(100) });
export type JournalQuery = z.input<typeof JournalQuery>;

/** The agents as programs on their hosts: how the server reaches them over SSH, and the journals they show. */
export const agentRoutes = {
  listAgentControl: {
    method: 'GET',
    path: '/agent-control',
    access: 'viewer',
    response: AgentControlList,
    status: 200,
    summary: 'The server’s own SSH key, and the nodes whose agents it can start, stop and restart',
  },
  setAgentControl: {
    method: 'PUT',
    path: '/nodes/{node}/agent-control',
    access: 'administrator',
    params: nodeParams,
    body: AgentControlSet,
    response: AgentControl,
    status: 200,
    summary: 'Pin the SSH host keys of a node on which the server’s key was installed',
  },
  removeAgentControl: {
    method: 'DELETE',
    path: '/nodes/{node}/agent-control',
    access: 'administrator',
    params: nodeParams,
    response: none,
    status: 204,
    summary: 'Forget how to reach a node over SSH; what is on its host stays',
  },
  checkAgentControl: {
    method: 'POST',
    path: '/agent-control/check',
    access: 'operator',
    body: AgentCheckRequest,
    response: z.object({ items: z.array(AgentCheck) }),
    status: 200,
    summary: 'Log in to nodes over SSH and ask how their agents’ units are; changes nothing',
  },
  rotateControlKey: {
    method: 'POST',
    path: '/agent-control/rotation',
    access: 'administrator',
    body: RotateControlKey,
    response: ControlKeyRotation,
    status: 200,
    summary: 'Change the servers’ own SSH key: the first time makes the next key, the second takes it into use where all nodes take it',
  },
  readJournal: {
    method: 'GET',
    path: '/nodes/{node}/services/{unit}/journal',
    access: 'operator',
    params: nodeParams.extend({ unit: UnitName }),
    query: JournalQuery,
    response: JournalLines,
    status: 200,
    summary: 'The end of a unit’s journal; as text/event-stream that and what comes',
  },
} as const satisfies Record<string, Route>;
