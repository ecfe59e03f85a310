import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { randomUUID } from 'node:crypto';
import type { Node, Session } from '@muster/api';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import type { ConsoleClient } from '../../test/console-client.ts';
import { openConsole } from '../../test/console-client.ts';
import { hubOnFake } from '../../test/hub-on-fake.ts';
import type { ConsoleHub, Visit } from './console-hub.ts';
import { ConsoleVisitor, type ConsoleVisitorParts } from './console-visitor.ts';

const node = { id: randomUUID(), name: 'web1' } as Node;
const visit: Visit = { node, size: { columns: 80, rows: 24 }, takes: false, endOther: false };
const session = { email: 'ada@example.org', name: 'Ada' } as Session;
const opened: { server: Server; hub: ConsoleHub }[] = [];
afterEach(async () => {
  for (const { server, hub } of opened.splice(0)) {
    await hub.stop();
    server.closeAllConnections();
    server.close();
  }
});

/** A console behind real WebSockets; who comes is as a test says. */
async function open(parts: Partial<ConsoleVisitorParts> = {}) {
  const { hub, fake, log } = hubOnFake();
  const sockets = new WebSocketServer({ noServer: true });
  const server = createServer();
  server.on('upgrade', (request, socket, head) => {
    sockets.handleUpgrade(request, socket, head, (one: WebSocket) => {
      const usual = { hub, session, visit, readOnly: false, note: async () => undefined, mayStay: async () => true, log };
      void new ConsoleVisitor(one, { ...usual, ...parts }).arrive();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  opened.push({ server, hub });
  const come = async (): Promise<ConsoleClient> => {
    const client = openConsole({ port: (server.address() as AddressInfo).port }, 'web1');
    await vi.waitFor(() => expect(client.last('presence')).toBeDefined());
    return client;
  };
  return { fake, come };
}

/** The connection below a WebSocket, which a test can stop reading. */
const connectionOf = ({ socket }: ConsoleClient): Socket => (socket as unknown as { _socket: Socket })._socket;

describe('somebody at a console', () => {
  it('who does not read holds up nobody, and is told what he missed with the end of it', async () => {
    const { fake, come } = await open();
    const [quick, slow] = [await come(), await come()];
    connectionOf(slow).pause();
    const piece = 'x'.repeat(50_000);
    for (let count = 0; count < 400; count += 1) {
      fake.say(piece);
      await new Promise(setImmediate);
    }
    fake.say('the end');
    await vi.waitFor(() => expect(quick.shown.length).toBe(400 * 50_000 + 7), { timeout: 8000 });
    connectionOf(slow).resume();
    await vi.waitFor(() => expect(slow.last('gap')?.bytes).toBeGreaterThan(1_000_000), { timeout: 8000 });
    await vi.waitFor(() => expect(slow.shown.endsWith('the end')).toBe(true), { timeout: 8000 });
    expect(slow.shown.length).toBeLessThan(quick.shown.length);
  });

  it('who does not answer any more is gone, and the pen is free', async () => {
    const { come } = await open({ times: { pingMs: 100, recheckMs: 60_000 } });
    const [ada, bob] = [await come(), await come()];
    expect(ada.writes).toBe(true);
    connectionOf(ada).pause();
    await vi.waitFor(() => expect(bob.last('presence')).toMatchObject({ writer: null, viewers: [{}] }), { timeout: 8000 });
  });

  it('who may not be there any more is shown out', async () => {
    const mayStay = vi.fn(async () => true);
    const { come } = await open({ mayStay, times: { pingMs: 10_000, recheckMs: 20 } });
    const ada = await come();
    await vi.waitFor(() => expect(mayStay).toHaveBeenCalled());
    mayStay.mockRejectedValueOnce(new Error('the database is away'));
    mayStay.mockResolvedValue(false);
    await ada.closed;
    expect(ada.last('end')?.message).toBe('You may not be at this console any more.');
  });

  it('writes nothing of which it could not be written down that he writes', async () => {
    const note = vi.fn(async (act: string) => {
      if (act === 'writeConsole') throw new Error('the database is away');
    });
    const { fake, come } = await open({ note });
    const ada = await come();
    ada.type('rm');
    await vi.waitFor(() => expect(ada.last('refused')?.message).toContain('nothing was sent'));
    note.mockResolvedValue(undefined);
    ada.type('ls');
    await vi.waitFor(() => expect(fake.received).toBe('ls'));
  });

  it.each([
    ['what is not understood', (one: ConsoleClient) => one.socket.send('{"type":"dance"}')],
    ['more at once than anybody types', (one: ConsoleClient) => Array.from({ length: 30 }).forEach(() => one.type('x'.repeat(60_000)))],
  ])('who sends %s is shown out', async (_what, send) => {
    const { come } = await open({ note: (act) => (act === 'writeConsole' ? new Promise(() => undefined) : Promise.resolve()) });
    const ada = await come();
    send(ada);
    await ada.closed;
  });
});
