import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { reachableFolder } from '@muster/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { openServer, openServerOnStore, type StoreServer, type TestServer } from '../../test/server-fixture.ts';

const open: TestServer[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

/** A second server on the database of the first, with the same master key. */
async function join2(first: StoreServer, url: string, variables: Record<string, string> = {}): Promise<TestServer> {
  const dataDir = join(await reachableFolder(), 'data');
  await mkdir(dataDir);
  await copyFile(join(first.folder, 'data', 'master.key'), join(dataDir, 'master.key'));
  const second = await openServer({ MUSTER_DATABASE_URL: url, MUSTER_DATA_DIR: dataDir, ...variables });
  open.push(second);
  return second;
}

async function two() {
  const first = await openServerOnStore({ MUSTER_POOL_NAME: 'first', MUSTER_POOL_ZONE: 'rack1' });
  open.push(first);
  const second = await join2(first, first.url, { MUSTER_POOL_NAME: 'second' });
  return { first, second };
}

const poolOf = (one: TestServer) => one.local.getPool({});
const within = { timeout: 60_000, interval: 250 };

describe('two servers on one database', { timeout: 180_000 }, () => {
  it('are one pool, whichever is asked, and tell agents of both', async () => {
    const { first, second } = await two();
    await expect
      .poll(async () => (await poolOf(first)).members.map(({ name, zone }) => [name, zone]), within)
      .toEqual([
        ['first', 'rack1'],
        ['second', ''],
      ]);
    const [one, other] = [await poolOf(first), await poolOf(second)];
    expect(other.members.map(({ id }) => id)).toEqual(one.members.map(({ id }) => id));
    expect(one.answeredBy).not.toBe(other.answeredBy);
    const addresses = [`127.0.0.1:${first.agentsPort}`, `127.0.0.1:${second.agentsPort}`];
    await expect.poll(async () => (await first.local.getStatus({})).agentAddresses, within).toEqual(addresses);
    await expect.poll(async () => (await second.local.getStatus({})).agentAddresses, within).toEqual(addresses.toReversed());
  });

  it('say whose database it is, and refuse to promote what Patroni does not keep; the refusal stands in the audit log', async () => {
    const { first, second } = await two();
    const { answeredBy: id, database, promotion, ageSeconds } = await poolOf(first);
    expect([database.kind, database.copies.map(({ role }) => role), promotion, ageSeconds]).toEqual(['own', ['primary'], null, null]);
    const refused = second.local.promoteMember({ params: { id }, body: {} });
    await expect(refused).rejects.toMatchObject({
      problem: { code: 'promotion-refused', detail: expect.stringContaining('one of your own') as string },
    });
    const [entry] = (await first.local.listAudit({ query: { what: 'promoteMember', limit: 1 } })).items;
    expect(entry).toMatchObject({ result: 'refused', status: 409, target: { kind: 'pool', name: id }, input: { acceptDataLoss: false } });
    await expect(first.local.promoteMember({ params: { id: 'nobody' }, body: {} })).rejects.toThrow('no such server');
  });

  it('do each thing once: all leases are held, and pass to the other when the first stops', async () => {
    const { first, second } = await two();
    const holders = async (one: TestServer) => new Set((await poolOf(one)).leases.map(({ serverId }) => serverId));
    const { answeredBy: firstId } = await poolOf(first);
    const { answeredBy: secondId } = await poolOf(second);
    await expect.poll(() => holders(second), within).toEqual(new Set([firstId]));
    const before = (await poolOf(second)).leases;
    await open.shift()?.close();
    await expect.poll(() => holders(second), within).toEqual(new Set([secondId]));
    const after = (await poolOf(second)).leases;
    expect(after.map(({ name }) => name)).toEqual(before.map(({ name }) => name));
    // On a busy machine a lease may have run out in between, and been taken once more.
    for (const [place, { token }] of after.entries()) expect(token).toBeGreaterThan(before[place]?.token ?? 0);
    const { members } = await poolOf(second);
    expect(members.map(({ name, lostAt }) => [name, lostAt === null])).toEqual([
      ['first', false],
      ['second', true],
    ]);
  });

  it('see nodes that the other was told of, and drain and forget each other', async () => {
    const { first, second } = await two();
    await first.local.addNode({ body: { name: 'worker1' } });
    expect((await second.local.listNodes({ query: {} })).items.map(({ name }) => name)).toEqual(['worker1']);
    const { answeredBy: id } = await poolOf(first);
    const { answeredBy: secondId } = await poolOf(second);
    expect(await second.local.drainMember({ params: { id } })).toMatchObject({ state: 'draining' });
    expect(await second.local.undrainMember({ params: { id } })).toMatchObject({ state: 'active' });
    const move = (body: { range: string; to: string | null; from?: string }) => first.local.moveNodes({ body });
    await expect.poll(async () => (await move({ range: 'worker1', to: id })).already, within).toBe(1);
    expect(await move({ range: 'worker1', to: id, from: id })).toEqual({ range: 'worker1', count: 1, already: 1 });
    await expect(move({ range: 'worker1', to: secondId, from: secondId })).rejects.toThrow('Nothing was done: worker1 does not belong');
    await expect(move({ range: 'worker9', to: id })).rejects.toThrow('worker9');
    await expect(move({ range: 'worker1', to: 'nobody' })).rejects.toThrow('There is no such server');
    await move({ range: 'worker1', to: null });
    await expect(second.local.removeMember({ params: { id } })).rejects.toThrow('first is still there');
    await open.shift()?.close();
    await second.local.removeMember({ params: { id } });
    expect((await poolOf(second)).members.map(({ name }) => name)).toEqual(['second']);
  });
});
