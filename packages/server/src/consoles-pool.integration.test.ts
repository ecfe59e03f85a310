import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { reachableFolder } from '@muster/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ConsoleClient, openConsole } from '../test/console-client.ts';
import { type IpmiSim, startIpmiSim } from '../test/ipmi-sim.ts';
import { comeIn } from '../test/people.ts';
import { openServer, openServerOnStore, type StoreServer, type TestServer } from '../test/server-fixture.ts';

let bmc: IpmiSim;
let first: StoreServer;
const others: TestServer[] = [];
const opened: ConsoleClient[] = [];

/** One more server of the pool, with the key of the first. */
async function another(name: string, variables: Record<string, string> = {}): Promise<TestServer> {
  const dataDir = join(await reachableFolder(), 'data');
  await mkdir(dataDir);
  await copyFile(join(first.folder, 'data', 'master.key'), join(dataDir, 'master.key'));
  const own = { MUSTER_DATABASE_URL: first.url, MUSTER_DATA_DIR: dataDir, MUSTER_POOL_NAME: name };
  const server = await openServer({ ...own, ...variables });
  others.push(server);
  // Each sees the other once both have signed.
  await expect
    .poll(async () => (await server.local.getPool({})).members.filter(({ lostAt }) => lostAt === null).length, within)
    .toBe(others.length + 1);
  return server;
}

beforeAll(async () => {
  first = await openServerOnStore({ MUSTER_POOL_NAME: 'first', MUSTER_CONSOLES_RECORD: 'on' });
  await first.local.addNode({ body: { name: 'web1' } });
});
afterAll(() => first.close());
// One of its own for each test: ipmi_sim takes the first packet of a session for a repetition of the last one of the session before.
beforeEach(async () => {
  bmc = await startIpmiSim();
  const { port, user, password } = bmc;
  await first.local.setController({ params: { node: 'web1' }, body: { kind: 'ipmi', address: '127.0.0.1', port, user, password } });
});
afterEach(async () => {
  for (const client of opened.splice(0)) {
    client.socket.terminate();
    await client.closed;
  }
  await expect.poll(async () => (await first.local.listConsoles({})).items, within).toEqual([]);
  for (const server of others.splice(0)) await server.close();
  await bmc.stop();
});

const within = { timeout: 30_000, interval: 50 };
const sit = (place: Parameters<typeof openConsole>[0], query: Record<string, string> = {}): ConsoleClient => {
  const client = openConsole(place, 'web1', query);
  opened.push(client);
  return client;
};
const at = ({ server }: TestServer, query: Record<string, string> = {}) => sit({ socketPath: server.socketPath }, query);
const writes = (client: ConsoleClient) => expect.poll(() => client.writes, within).toBe(true);
const shows = (client: ConsoleClient, text: string) => expect.poll(() => client.shown, within).toContain(text);

describe('consoles in a pool', { timeout: 120_000 }, () => {
  it('are one for all who watch through any member: one writes, another takes over, a late one is shown what was before', async () => {
    const second = await another('second');
    const ada = at(first);
    await writes(ada);
    ada.type('hello\r~.');
    await shows(ada, '<hello\r~.>');
    const person = await comeIn(second, 'bob@example.org', { role: 'administrator', mayExec: true });
    const bob = sit({ port: second.port, headers: person.headers() });
    await shows(bob, '<hello\r~.>');
    expect(bob.last('welcome')).toMatchObject({ kind: 'ipmi', nodeName: 'web1' });
    await expect.poll(() => ada.names, within).toEqual(['local administrator', 'bob@example.org']);
    bob.type('mine');
    await expect.poll(() => bob.last('refused')?.message, within).toMatch(/local administrator writes now/u);
    bob.take();
    await expect.poll(() => [ada.writes, bob.writes], within).toEqual([false, true]);
    bob.type('now');
    await shows(ada, '<now>');
    expect(bmc.received()).not.toContain('mine');
    expect((await second.local.listConsoles({})).items).toMatchObject([{ nodeName: 'web1', serverName: 'first' }]);
    bob.socket.close();
    await expect.poll(() => ada.names, within).toEqual(['local administrator']);
    const { items } = await first.local.listAudit({ query: { limit: 100 } });
    const acts = items.filter(({ target, who }) => target?.name === 'web1' && who?.name === 'bob@example.org');
    expect(acts.map(({ what }) => what)).toEqual(['closeConsole', 'writeConsole', 'takeConsole', 'openConsole']);
    expect(new Set(acts.map(({ from }) => from))).toEqual(new Set(['127.0.0.1']));
  });

  it('carry much at once, whole and in order', async () => {
    const second = await another('second');
    const [ada, bob] = [at(first), at(second)];
    await expect.poll(() => ada.names.length, within).toBe(2);
    const lines = Array.from({ length: 200 }, (_, index) => `line ${index} ${'x'.repeat(20)}`).join('\n');
    bmc.say(lines);
    await shows(ada, 'line 199');
    await shows(bob, 'line 199');
    expect(bob.shown.slice(bob.shown.indexOf('line 0'))).toBe(ada.shown.slice(ada.shown.indexOf('line 0')));
  });

  it('leave the pen free when the member goes through which its writer came, and nothing open there', async () => {
    const second = await another('second');
    const ada = at(first, { readOnly: 'true' });
    await expect.poll(() => ada.names.length, within).toBe(1);
    const bob = at(second, { take: 'true' });
    await writes(bob);
    await second.close();
    others.pop();
    await bob.closed;
    expect(bob.last('end')?.message).toBe('The server is going down.');
    await expect.poll(() => [ada.names.length, ada.last('presence')?.writer], within).toEqual([1, null]);
  });

  it('end for everybody when their holder stops; the next who asks has another one open it', async () => {
    const second = await another('second');
    const ada = at(second);
    await writes(ada);
    const bob = at(first);
    await expect.poll(() => bob.names.length, within).toBe(2);
    await second.close();
    others.pop();
    await bob.closed;
    expect(bob.last('end')).toMatchObject({ message: 'The server is going down.', elsewhere: null });
    const eve = at(first);
    await writes(eve);
  });

  it('say which member holds them where that one cannot be reached', async () => {
    const deaf = await another('deaf', { MUSTER_AGENTS_ADDRESSES: '127.0.0.1:1' });
    await writes(at(deaf));
    const bob = at(first);
    const message = expect.stringContaining('open on the server deaf of this pool') as string;
    await expect.poll(() => bob.last('end'), within).toMatchObject({ message, elsewhere: deaf.server.panelUrl });
  });

  it('are recorded by their holder, and their recordings told and given by all members', async () => {
    const second = await another('second');
    const before = (await first.local.listRecordings({})).items.length;
    const ada = at(first);
    await writes(ada);
    ada.type('for the record');
    await shows(ada, '<for the record>');
    const { items, unreached } = await second.local.listRecordings({});
    expect([items.length, unreached]).toEqual([before + 1, []]);
    const id = items.at(-1)?.id ?? '';
    await expect.poll(async () => second.local.getRecording({ params: { id } }), within).toContain('<for the record>');
    await expect(second.local.getRecording({ params: { id: 'web1_20200101T000000000Z.cast' } })).rejects.toMatchObject({
      problem: { code: 'not-found', detail: expect.stringContaining('There is no recording') as string },
    });
    const deaf = await another('deaf', { MUSTER_AGENTS_ADDRESSES: '127.0.0.1:1' });
    await expect.poll(async () => (await second.local.listRecordings({})).unreached, within).toEqual(['deaf']);
    expect((await deaf.local.listRecordings({})).items.map((one) => one.id)).toContain(id);
    await expect(second.local.getRecording({ params: { id: 'web1_20200101T000000000Z.cast' } })).rejects.toMatchObject({
      problem: { code: 'not-found', detail: expect.stringContaining('It may be on deaf') as string },
    });
  });
});
