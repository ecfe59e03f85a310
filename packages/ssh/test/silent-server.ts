import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

/** A server on a free port of 127.0.0.1 that accepts and says nothing. */
export async function startSilentServer(): Promise<{ readonly port: number; close(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const close = (): void => {
    server.close();
    sockets.forEach((socket) => socket.destroy());
  };
  return { port: typeof address === 'object' && address !== null ? address.port : 0, close };
}
