import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Node, Session } from '@muster/api';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { type ConsoleClient, openConsole } from '../../test/console-client.ts';
import { hubOnFake } from '../../test/hub-on-fake.ts';
import type { Visit } from './console-hub.ts';
import { ConsoleRelay, type ConsoleRelayParts } from './console-relay.ts';
import { ConsoleVisitor } from './console-visitor.ts';

const node = { id: randomUUID(), name: 'web1' } as Node;
const visit: Visit = { node, size: { columns: 80, rows: 24 }, takes: false, endOther: false };
const session = { email: 'ada@example.org', name: 'Ada' } as Session;
const waiting = { timeout: 8000 };

const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** A server of WebSockets; its port. */
async function serve(onSocket: (socket: WebSocket) => void): Promise<{ server: Server; port: number }> {
  const sockets = new WebSocketServer({ noServer: true });
  const server = createServer();
  server.on('upgrade', (request, socket, head) => sockets.handleUpgrade(request, socket, head, onSocket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => {
    for (const one of sockets.clients) one.terminate();
    server.closeAllConnections();
    server.close();
  });
  return { server, port: (server.address() as AddressInfo).port };
}

/** A console on one server, and another one that leads people to it. */
async function open(parts: Partial<ConsoleRelayParts> = {}) {
  const { hub, fake, log } = hubOnFake();
  ends.push(() => hub.stop());
  const held: WebSocket[] = [];
  const holder = await serve((socket) => {
    held.push(socket);
    const usual = { hub, session, visit, readOnly: false, note: async () => undefined, mayStay: async () => true, log };
    void new ConsoleVisitor(socket, usual).arrive();
  });
  const relays: ConsoleRelay[] = [];
  const asked = await serve((near) => {
    near.pause();
    const far = new WebSocket(`ws://127.0.0.1:${holder.port}`);
    far.on('error', () => undefined);
    far.once('open', () => {
      far.pause();
      relays.push(new ConsoleRelay(near, far, { holderName: 'one', mayStay: async () => true, ...parts }));
    });
  });
  const come = async (port: number): Promise<ConsoleClient> => {
    const client = openConsole({ port }, 'web1');
    await vi.waitFor(() => expect(client.last('presence')).toBeDefined(), waiting);
    return client;
  };
  return { fake, held, relays, direct: () => come(holder.port), relayed: () => come(asked.port) };
}

const connectionOf = ({ socket }: ConsoleClient): Socket => (socket as unknown as { _socket: Socket })._socket;
const times = { pingMs: 10_000, recheckMs: 60_000, closingMs: 2000 };

describe('somebody at a console through another server', () => {
  it('who does not read holds up nobody, and is told what he missed with the end of it', async () => {
    const { fake, direct, relayed } = await open();
    const [quick, slow] = [await direct(), await relayed()];
    connectionOf(slow).pause();
    const piece = 'x'.repeat(50_000);
    for (let count = 0; count < 600; count += 1) {
      fake.say(piece);
      await new Promise(setImmediate);
    }
    fake.say('the end');
    await vi.waitFor(() => expect(quick.shown.length).toBe(600 * 50_000 + 7), waiting);
    connectionOf(slow).resume();
    await vi.waitFor(() => expect(slow.last('gap')?.bytes).toBeGreaterThan(1_000_000), waiting);
    await vi.waitFor(() => expect(slow.shown.endsWith('the end')).toBe(true), waiting);
    expect(slow.shown.length).toBeLessThan(quick.shown.length);
  });

  it('who does not answer any more is gone, and the pen is free', async () => {
    const { relays, direct, relayed } = await open({ times: { ...times, pingMs: 100 } });
    const [ada, bob] = [await relayed(), await direct()];
    expect(ada.writes).toBe(true);
    connectionOf(ada).pause();
    await vi.waitFor(() => expect(bob.last('presence')).toMatchObject({ writer: null, viewers: [{}] }), waiting);
    await relays[0]?.over;
  });

  it('who may not be there any more is shown out, here and there', async () => {
    const mayStay = vi.fn(async () => true);
    const { relays, direct, relayed } = await open({ mayStay, times: { ...times, recheckMs: 20 } });
    const [ada, bob] = [await relayed(), await direct()];
    mayStay.mockRejectedValueOnce(new Error('the database is away'));
    mayStay.mockResolvedValue(false);
    await ada.closed;
    expect(ada.last('end')?.message).toBe('You may not be at this console any more.');
    await relays[0]?.over;
    await vi.waitFor(() => expect(bob.names).toHaveLength(1), waiting);
  });

  it('is told when the server that holds it is lost, and when the console ends by its own words', async () => {
    const { fake, held, relayed } = await open();
    const ada = await relayed();
    held[0]?.terminate();
    await ada.closed;
    expect(ada.last('end')?.message).toContain('The server one, which held this console, is not reached any more.');
    const bob = await relayed();
    fake.end('The cable was pulled.');
    await bob.closed;
    expect(bob.notices.filter(({ type }) => type === 'end')).toMatchObject([{ message: 'The cable was pulled.' }]);
  });

  it('who sends what is not understood is shown out by the server that holds it', async () => {
    const { relays, relayed } = await open();
    const ada = await relayed();
    ada.socket.send('{"type":"dance"}');
    await ada.closed;
    await relays[0]?.over;
  });
});
