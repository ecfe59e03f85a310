import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { copyFile, mkdir } from 'node:fs/promises';
import { request } from 'node:https';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { apiPrefix, serverIdentity } from '@muster/api';
import { makeKeyAndCsr, openAuthority } from '@muster/trust';
import { reachableFolder } from '@muster/testkit';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { EventReader, waiting } from '../test/event-reader.ts';
import { comeIn } from '../test/people.ts';
import { ask, problemIn } from '../test/requests.ts';
import { type Credentials, enrolAgent, type ServerAgent } from '../test/server-agent.ts';
import { freePort, openServer, openServerOnStore, type StoreServer, type TestServer } from '../test/server-fixture.ts';
import { openInstallationKeys, unsealAuthority } from './identity/installation-keys.ts';

let first: StoreServer;
let second: TestServer;
let agent: ServerAgent;
beforeAll(async () => {
  first = await openServerOnStore({ MUSTER_POOL_NAME: 'first' });
  const dataDir = join(await reachableFolder(), 'data');
  await mkdir(dataDir);
  await copyFile(join(first.folder, 'data', 'master.key'), join(dataDir, 'master.key'));
  second = await openServer({ MUSTER_DATABASE_URL: first.url, MUSTER_DATA_DIR: dataDir, MUSTER_POOL_NAME: 'second' });
  agent = await enrolAgent(first, 'web1');
  agent.beat();
  await vi.waitFor(async () => expect((await second.local.getPool({})).members).toHaveLength(2), waiting);
  await vi.waitFor(async () => {
    const node = await second.local.getNode({ params: { node: 'web1' } });
    expect(node.registration).toBe('registered');
  }, waiting);
});
afterAll(async () => {
  agent.close();
  await second.close();
  await first.close();
});

const line = (text: string) => ({ at: null, text });
const path = (query = '') => `${apiPrefix}/nodes/web1/services/ssh.service/journal${query}`;
const journalOpen = async (count: number) =>
  vi.waitFor(() => {
    const found = agent.received.filter((message) => message.type === 'journal-open')[count - 1];
    if (found === undefined) throw new Error('not yet');
    return found;
  }, waiting);

/** What a node is given of an artifact. */
function fetchArtifact({ agentsPort }: TestServer, sha256: string): Promise<{ status: number; bytes: Buffer }> {
  const { keyPem: key, chainPem: cert, rootPem: ca } = agent.credentials;
  const place = { host: '127.0.0.1', port: agentsPort, path: `/artifacts/${sha256}`, servername: serverIdentity, agent: false as const };
  return new Promise((resolve, reject) => {
    const sent = request({ ...place, key, cert, ca }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, bytes: Buffer.concat(pieces) }));
    });
    sent.on('error', reject);
    sent.end();
  });
}

/** A question at the agents' door of the first server, with these credentials. */
function knock(credentials: Partial<Credentials>, headers: Record<string, string> = {}): Promise<{ status: number; detail: string }> {
  const { keyPem: key, chainPem: cert } = credentials;
  const place = { host: '127.0.0.1', port: first.agentsPort, path: `${apiPrefix}/consoles/recordings`, servername: serverIdentity };
  return new Promise((resolve, reject) => {
    const sent = request({ ...place, key, cert, headers, ca: agent.credentials.rootPem, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (more: string) => {
        text += more;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, detail: (JSON.parse(text) as { detail: string }).detail }));
    });
    sent.on('error', reject);
    sent.end();
  });
}

describe('a journal asked of another member', { timeout: 60_000 }, () => {
  it('is read where the agent is connected', async () => {
    const asked = second.local.readJournal({ params: { node: 'web1', unit: 'ssh.service' }, query: { lines: 5 } });
    const { id, ...wish } = await journalOpen(1);
    expect(wish).toEqual({ type: 'journal-open', unit: 'ssh.service', lines: 5, follow: false });
    agent.say({ type: 'journal', id, lines: [line('one'), line('zwölf')], dropped: 4 });
    agent.say({ type: 'journal-end', id, reason: '' });
    expect(await asked).toEqual({ lines: [line('one'), line('zwölf')], dropped: 4 });
  });

  it('is followed there, and closed on the node when its reader here leaves', async () => {
    const opening = EventReader.open({ socketPath: second.server.socketPath }, {}, path('?lines=3'));
    const { id } = await journalOpen(2);
    agent.say({ type: 'journal', id, lines: [line('live')], dropped: 0 });
    const reader = await opening;
    await vi.waitFor(() => expect(reader.text).toContain('"live"'), waiting);
    reader.close();
    await vi.waitFor(() => expect(agent.received).toContainEqual({ type: 'journal-close', id }), waiting);
  });

  it('ends when the agent says so, with its words', async () => {
    const opening = EventReader.open({ socketPath: second.server.socketPath }, {}, path());
    const { id } = await journalOpen(3);
    agent.say({ type: 'journal-end', id, reason: 'there is no unit' });
    const reader = await opening;
    await reader.untilEnded();
    expect(reader.text).toContain('"reason":"there is no unit"');
  });

  it('is refused to whoever may not read it, here already', async () => {
    const reader = await comeIn(second, 'eve@example.org', { role: 'operator', groups: ['rack9'] });
    const answer = await ask({ port: second.port }, path(), { headers: reader.headers() });
    expect(answer.status).toBe(403);
    expect(agent.received.filter(({ type }) => type === 'journal-open')).toHaveLength(3);
  });
});

describe('the door for other servers', { timeout: 60_000 }, () => {
  const session = Buffer.from(
    JSON.stringify({
      kind: 'local',
      id: null,
      name: 'me',
      email: null,
      role: 'administrator',
      groups: null,
      mayExec: true,
      hasPassword: false,
      twoFactor: false,
      provider: null,
    }),
  ).toString('base64url');
  const headers = { 'muster-session': session };

  /** A server's certificate, as one of the pool makes it at its start. */
  async function serverCredentials(serverId: string): Promise<Partial<Credentials>> {
    const { keyPem, csrPem } = await makeKeyAndCsr({ nodeName: serverIdentity });

    const { state, protector } = await openInstallationKeys(first.store, join(first.folder, 'data', 'master.key'), new Date());
    const [kept] = state.authorities;
    if (kept === undefined) throw new Error('no authority');
    const authority = await openAuthority(await unsealAuthority(kept, protector));
    const made = await authority.signServer({ csrPem, serverId, dnsNames: [], ipAddresses: [], lifetimeDays: 1, now: new Date() });
    return { keyPem, chainPem: made.chainPem };
  }

  it('is shut to nodes, to strangers, and to servers that are not in the pool', async () => {
    expect(await knock(agent.credentials, headers)).toMatchObject({
      status: 403,
      detail: expect.stringContaining('not that of a management server') as string,
    });
    expect((await knock({}, headers)).status).toBe(404);
    expect(await knock(await serverCredentials(randomUUID()), headers)).toMatchObject({
      status: 403,
      detail: expect.stringContaining('is not in this pool any more') as string,
    });
  });

  it('takes a session from a server of the pool alone, and answers nothing without one', async () => {
    const [member] = (await first.local.getPool({})).members.filter(({ name }) => name === 'second');
    const credentials = await serverCredentials(member?.id ?? '');
    expect((await knock(credentials)).status).toBe(401);
    expect((await knock(credentials, headers)).status).toBe(200);
    const outside = await ask({ port: first.port }, `${apiPrefix}/consoles/recordings`, { headers });
    expect([outside.status, problemIn(outside)['code']]).toEqual([401, 'not-signed-in']);
  });
});

describe('an artifact that is on one member', { timeout: 60_000 }, () => {
  const content = randomBytes(5_000_000);
  const sha256 = createHash('sha256').update(content).digest('hex');

  it('is copied to a second one, and given to its nodes there', async () => {
    await first.local.beginArtifact({ body: { sha256, name: 'big.tar', sizeBytes: content.length } });
    const headers = { 'content-type': 'application/octet-stream' };
    const path = `${apiPrefix}/artifacts/${sha256}/content`;
    const sent = await ask({ socketPath: first.server.socketPath }, path, { method: 'PUT', headers, body: content });
    expect([sent.status, sent.text]).toEqual([200, expect.stringContaining('"complete":true')]);
    // Whoever asks before the copy is there is told to wait for it.
    expect([429, 200]).toContain((await fetchArtifact(second, sha256)).status);
    await expect.poll(async () => (await fetchArtifact(second, sha256)).bytes.equals(content), { ...waiting, timeout: 30_000 }).toBe(true);
    expect((await fetchArtifact(second, 'f'.repeat(64))).status).toBe(404);
  });
});

describe('a member that does not answer', { timeout: 60_000 }, () => {
  let silent: Server;
  const held: Socket[] = [];
  const id = randomUUID();
  beforeAll(async () => {
    const port = await freePort();
    silent = createServer((socket) => void held.push(socket.on('error', () => undefined))).listen(port, '127.0.0.1');
    await first.sql(`
      insert into members (id, run, name, zone, version, schema_version, agent_addresses, panel_url, agents, clock_skew_ms, heard_at)
      values ('${id}', '${randomUUID()}', 'hung', '', '0', 1, array['127.0.0.1:${port}'], 'http://127.0.0.1:1', 0, 0, now() + interval '1 hour')`);
    await vi.waitFor(async () => {
      const { members } = await second.local.getPool({});
      expect(members.map(({ name }) => name)).toContain('hung');
    }, waiting);
  });
  afterAll(() => {
    for (const socket of held) socket.destroy();
    silent.close();
  });

  it('costs its time-out once, not every time', async () => {
    const seconds = async () => {
      const before = performance.now();
      expect((await second.local.listRecordings({})).unreached).toEqual(['hung']);
      return (performance.now() - before) / 1000;
    };
    await expect.poll(() => second.local.listRecordings({}), waiting).toMatchObject({ unreached: ['hung'] });
    for (let again = 0; again < 3; again += 1) expect(await seconds()).toBeLessThan(1);
    expect(held).toHaveLength(1);
  });
});
