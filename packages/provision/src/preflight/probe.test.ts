import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { describe, expect, it } from 'vitest';
import { localConnection } from '../../test/local-connection.ts';
import { type Attempt, listenOn, tryPorts } from './probe.ts';

const { signal } = new AbortController();
const word = 'muster-test';

async function listening(): Promise<Server> {
  const server = createServer((socket) => socket.on('error', () => undefined).end('something else\n')).listen(0, '0.0.0.0');
  await once(server, 'listening');
  return server;
}
const portOf = (server: Server): number => (server.address() as AddressInfo).port;

/** A port that nobody listens on, of both protocols. */
async function freePort(): Promise<number> {
  const server = await listening();
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const attempt = (protocol: 'tcp' | 'udp', port: number, isOurs: boolean, address = '127.0.0.1'): Attempt => ({
  protocol,
  address,
  port,
  isOurs,
});

/* The real programs, on this machine's loopback: each listener is asked by each probe. */
describe.each([
  ['perl', 'perl'],
  ['python3', 'python3'],
  ['perl', 'python3'],
  ['python3', 'perl'],
])('a listener in %s, asked in %s', (listener, probe) => {
  it('is reached over TCP and UDP, says what is not its own, and frees its ports when it is closed', { timeout: 120_000 }, async () => {
    const here = localConnection();
    const [ours, closed] = [await freePort(), await freePort()];
    const other = await listening();
    const busy = portOf(other);
    const listening_ = await listenOn(here, listener, { ports: [`tcp/${ours}`, `udp/${ours}`, `tcp/${busy}`], word, signal });
    expect([...listening_.bound].toSorted()).toEqual([`tcp/${ours}`, `udp/${ours}`]);
    const attempts = [
      attempt('tcp', ours, true),
      attempt('tcp', ours, true, '::1'),
      attempt('udp', ours, true),
      attempt('udp', closed, true),
      attempt('tcp', closed, true),
      attempt('tcp', busy, false),
      attempt('tcp', busy, true, '127.0.0.2'),
    ];
    const results = await tryPorts(here, probe, { attempts, word, signal });
    await listening_.close();
    await new Promise((resolve) => other.close(resolve));
    expect(Object.fromEntries(results)).toEqual({
      [`tcp 127.0.0.1 ${ours}`]: 'ok',
      [`tcp ::1 ${ours}`]: 'ok',
      [`udp 127.0.0.1 ${ours}`]: 'ok',
      [`udp 127.0.0.1 ${closed}`]: 'refused',
      [`tcp 127.0.0.1 ${closed}`]: 'refused',
      [`tcp 127.0.0.1 ${busy}`]: 'ok',
      [`tcp 127.0.0.2 ${busy}`]: 'other',
    });
    const again = createServer().listen(ours, '0.0.0.0');
    await once(again, 'listening');
    await new Promise((resolve) => again.close(resolve));
  });

  it('waits no longer than some seconds for one that is silent', { timeout: 120_000 }, async () => {
    const silent = createSocket('udp4');
    await new Promise<void>((resolve) => silent.bind(0, '127.0.0.1', resolve));
    const { port } = silent.address();
    const results = await tryPorts(localConnection(), probe, { attempts: [attempt('udp', port, true)], word, signal });
    await new Promise<void>((resolve) => silent.close(resolve));
    expect([...results.values()]).toEqual(['timeout']);
  });
});

describe('a listener that does not come up', () => {
  it('is an error that says why', async () => {
    await expect(listenOn(localConnection(), '/nonexistent/python', { ports: ['tcp/1'], word, signal })).rejects.toThrow(
      /listen for the other hosts failed: .*nonexistent/u,
    );
  });
});
