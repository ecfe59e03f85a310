import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { selfSigned } from '../../test/self-signed.ts';
import { othersWork } from './others-work.ts';

let folder: string;
const servers: Server[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-others-'));
});
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A server that answers with this status, or never where there is none; its URL and the certificate to trust. */
async function other(status?: number): Promise<{ panelUrl: string; cert: string }> {
  const { key, cert } = selfSigned(folder, `other${servers.length}`);
  const server = createServer({ key, cert }, (request, response) => {
    if (status !== undefined && request.url === '/api/v1/health/ready') response.writeHead(status).end('{}');
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { panelUrl: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, cert };
}

describe('whether other servers work', () => {
  it('is so when one of them says so', async () => {
    const [away, ready] = [await other(503), await other(200)];
    expect(await othersWork([away, ready], [away.cert, ready.cert])).toBe(true);
    expect(await othersWork([away], [away.cert])).toBe(false);
  });

  it('is not believed of one that cannot show who it is', async () => {
    const [known, stranger] = [await other(503), await other(200)];
    expect(await othersWork([stranger], [known.cert])).toBe(false);
  });

  it('is not so where they do not answer, are not reached, or nobody is there', async () => {
    const hung = await other();
    expect(await othersWork([hung, { panelUrl: 'https://127.0.0.1:1' }, { panelUrl: 'no url' }], [hung.cert])).toBe(false);
    expect(await othersWork([], [])).toBe(false);
  });
});
