import { once } from 'node:events';
import ssh2, { type AuthContext, type Connection as ServerConnection } from 'ssh2';
import { makeOwnKey, openSshFormOf } from '../src/own-key.ts';

/** A server inside the test for what a real sshd does not do on demand: passwords, broken ends. */
export interface FakeSshServer {
  readonly port: number;
  readonly hostKey: Buffer;
  close(): void;
}

/** Starts the stand-in; `onClient` gets each connection before its login. */
export async function startFakeSshServer(onClient: (client: ServerConnection) => void): Promise<FakeSshServer> {
  // Not ssh2's own generator: now and then it makes a key that ssh2 itself cannot read.
  const { privateKeyPem, publicKey } = makeOwnKey();
  const clients = new Set<ServerConnection>();
  const server = new ssh2.Server({ hostKeys: [openSshFormOf(privateKeyPem)] }, (client) => {
    clients.add(client);
    client.on('error', () => undefined);
    client.on('close', () => clients.delete(client));
    onClient(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    hostKey: Buffer.from(publicKey.split(' ')[1] ?? '', 'base64'),
    close: () => {
      server.close();
      clients.forEach((client) => client.end());
    },
  };
}

/** Accepts a login by password only. */
export function acceptPassword(client: ServerConnection, password: string): void {
  client.on('authentication', (context: AuthContext) => {
    if (context.method === 'password' && context.password === password) {
      context.accept();
    } else {
      context.reject(['password']);
    }
  });
}
