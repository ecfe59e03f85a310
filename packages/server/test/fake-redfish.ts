import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { selfSigned } from './self-signed.ts';

/** A fake Redfish service with one system: what it answers is in the hand of a test. */
export type FakeRedfish = {
  readonly port: number;
  readonly certificateSha256: string;
  serialConsole: object;
  /** Who was asked about, as he signed in. */
  readonly signIns: string[];
  stop(): Promise<void>;
};

/** Starts one that takes the user `admin`, with any password; its console is by IPMI at first. */
export async function startFakeRedfish(): Promise<FakeRedfish> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-redfish-'));
  const { key, cert } = selfSigned(folder);
  const server = createServer({ key, cert }, (request, response) => {
    const signIn = Buffer.from((request.headers.authorization ?? '').replace('Basic ', ''), 'base64').toString();
    fake.signIns.push(signIn);
    const bodies: Record<string, object> = {
      '/redfish/v1/Systems': { Members: [{ '@odata.id': '/redfish/v1/Systems/1' }] },
      '/redfish/v1/Systems/1': { SerialConsole: fake.serialConsole },
      '/redfish/v1/Managers': { Members: [] },
    };
    const body = bodies[request.url ?? ''];
    response.writeHead(!signIn.startsWith('admin:') ? 401 : body === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body ?? {}));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const fake: FakeRedfish = {
    port: (server.address() as AddressInfo).port,
    certificateSha256: new X509Certificate(cert).fingerprint256.replaceAll(':', '').toLowerCase(),
    serialConsole: { IPMI: { ServiceEnabled: true } },
    signIns: [],
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true });
    },
  };
  return fake;
}
