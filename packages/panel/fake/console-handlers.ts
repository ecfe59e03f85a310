import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { ConsoleNotice, ConsoleViewer, NodeConsole } from '@muster/api';
import { type WebSocket, WebSocketServer } from 'ws';
import { type FakeHandlers, findNode } from './call.ts';
import type { FakeWorld } from './world.ts';

/** Consoles: nodes that enrolled have one, others say why not. */
export const consoleHandlers: FakeHandlers = {
  getConsole: (world, { params }): NodeConsole => {
    const { node } = findNode(world, params['node']);
    const has = node.registration === 'registered';
    return {
      nodeName: node.name,
      kind: has ? 'ipmi' : null,
      reason: has
        ? null
        : `${node.name} has no console: say how its management controller is reached: muster node controller set ${node.name}.`,
      open: null,
    };
  },
};

const ada = { id: 'ada', name: 'ada@example.org', readOnly: false };

/** A console that another writes at: it greets, writes back what is typed in angle brackets, and ends at `!`. What it returns cuts all off. */
export function openFakeConsole(server: Server, world: FakeWorld, isSignedIn: (request: IncomingMessage) => boolean): () => void {
  const sockets = new WebSocketServer({ noServer: true });
  const open = new Set<WebSocket>();
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    const node = decodeURIComponent(/\/nodes\/([^/]+)\/console\?/u.exec(request.url ?? '')?.[1] ?? '');
    if (!isSignedIn(request)) return void socket.destroy();
    sockets.handleUpgrade(request, socket, head, (one) => {
      sit(one, findNode(world, node).node.name, request.url?.includes('readOnly=true') === true);
      open.add(one);
    });
  });
  return () => {
    for (const one of open) one.terminate();
  };
}

function sit(socket: WebSocket, nodeName: string, readOnly: boolean): void {
  const say = (notice: ConsoleNotice) => socket.send(JSON.stringify(notice));
  const viewers: ConsoleViewer[] = [ada, { id: 'you', name: 'root@example.org', readOnly }];
  let writer = 'ada';
  say({ type: 'welcome', you: 'you', kind: 'ipmi', nodeName });
  socket.send(Buffer.from(`\r\nDebian GNU/Linux 12 ${nodeName} ttyS1\r\n\r\n\u001b[1;32m${nodeName}\u001b[0m login: `));
  say({ type: 'presence', viewers, writer });
  socket.on('message', (data: Buffer, isBinary) => {
    if (!isBinary) {
      if ((JSON.parse(data.toString()) as { type: string }).type !== 'take') return;
      writer = 'you';
      return say({ type: 'presence', viewers, writer });
    }
    if (writer !== 'you') return say({ type: 'refused', message: 'ada@example.org writes now. Take the pen over first.' });
    socket.send(Buffer.from(`<${data.toString()}>`));
    if (data.toString() === '!') {
      say({ type: 'end', message: `The serial console of ${nodeName} has ended.`, elsewhere: null });
      socket.close();
    }
  });
}
