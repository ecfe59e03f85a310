import { type DatabaseCopy, type Member, type PoolStatus, problem, type Promotion } from '@muster/api';
import { afterEach, describe, expect, it } from 'vitest';
import { FakeServer } from '../../../test/fake-server.ts';
import { runMuster } from '../../../test/run-muster.ts';

const member = (name: string, rest: Partial<Member> = {}): Member => ({
  id: `${name}-0001`,
  name,
  zone: '',
  version: '0.1.0',
  agentAddresses: [`${name}:7421`],
  panelUrl: `https://${name}:7420`,
  agents: 2,
  clockSkewMs: 3,
  certificates: [],
  state: 'active',
  joinedAt: '2026-01-01T00:00:00.000Z',
  startedAt: '2026-01-01T00:00:00.000Z',
  heardAgeMs: 400,
  lostAt: null,
  ...rest,
});

const copy = (name: string, rest: Partial<DatabaseCopy> = {}): DatabaseCopy => ({
  place: `${name}:25432`,
  memberId: `${name}-0001`,
  role: 'replica',
  synchronous: null,
  lagBytes: null,
  lagSeconds: null,
  ...rest,
});

const status: PoolStatus = {
  answeredBy: 'driver1-0001',
  members: [
    member('driver1', { zone: 'rack1' }),
    member('driver2', { state: 'draining', clockSkewMs: -61_000 }),
    member('driver3', { lostAt: '2026-01-01T01:00:00.000Z', heardAgeMs: 90_000, agents: 0 }),
  ],
  leases: [
    { name: 'health', serverId: 'driver1-0001', since: '2026-01-01T00:00:00.000Z', token: 3 },
    { name: 'samples', serverId: null, since: '2026-01-01T00:00:00.000Z', token: 1 },
  ],
  database: {
    kind: 'pool',
    copies: [
      copy('driver1', { role: 'primary' }),
      copy('driver2', { synchronous: true, lagBytes: 100, lagSeconds: 0 }),
      copy('driver3', { role: 'silent' }),
    ],
    protection: 'synchronous',
    note: null,
  },
  promotion: null,
  ageSeconds: null,
};

const promotion = (rest: Partial<Promotion> = {}): Promotion => ({
  memberId: 'driver2-0001',
  memberName: 'driver2',
  state: 'running',
  kind: 'switch-over',
  from: 'driver1',
  lostBytes: 0,
  message: 'driver1 hands the primary over to driver2.',
  startedAt: '2026-01-01T02:00:00.000Z',
  ...rest,
});

describe('muster pool', () => {
  let server: FakeServer | undefined;
  let seen = status;
  let begun: { status: number; body: unknown } = { status: 202, body: promotion() };
  /** What the status says of the promotion, one after the other. */
  let ends: Promotion[] = [];
  afterEach(async () => {
    await server?.stop();
    [seen, begun, ends] = [status, { status: 202, body: promotion() }, []];
  });
  const run = async (...words: string[]) => {
    let isBegun = false;
    server = await FakeServer.start(({ method, path }) => {
      if (path === '/pool') return { body: { ...seen, promotion: (isBegun ? ends.shift() : undefined) ?? seen.promotion } };
      if (path.endsWith('/promote')) {
        isBegun = true;
        return begun;
      }
      if (path === '/pool/move') return { body: { range: 'node[1-3]', count: 3, already: 1 } };
      return method === 'DELETE' ? { status: 204 } : { body: member('driver2') };
    });
    return await runMuster('--socket', server.socketPath, 'pool', ...words);
  };

  it('status shows each server, what it does, and what nobody does', async () => {
    const { stdout } = await run('status');
    expect(stdout.split('\n').map((line) => line.trimEnd())).toEqual([
      'SERVER     STATE            ZONE   AGENTS  VERSION  CLOCK   CERTIFICATES  DATABASE              DOES',
      'driver1 *  there            rack1  2       0.1.0    right   -             primary               health',
      'driver2    draining         -      2       0.1.0    -1m 1s  -             replica, synchronous  -',
      'driver3    gone for 1m 30s  -      0       0.1.0    right   -             does not answer       -',
      '* answers here',
      '',
      'Database: what is acknowledged is in two copies at least.',
      '',
      'Nobody does at the moment: samples. A server takes it in seconds.',
      '',
    ]);
  });

  it('status says how long certificates are good, and what to do about one that has ended', async () => {
    const [first, second] = status.members;
    const ending = (one: Member | undefined, expiresAt: string) => ({ ...one, certificates: [{ kind: 'pool', expiresAt }] }) as Member;
    const inTenDays = new Date(Date.now() + 10.5 * 86_400_000).toISOString();
    seen = { ...status, members: [ending(first, inTenDays), ending(second, '2026-01-01T00:00:00.000Z')] };
    const { stdout } = await run('status');
    expect(stdout).toMatch(/driver1 \*.* 10d 1[12]h .*\n.*driver2.* ended /u);
    expect(stdout).toContain('\nThe certificate of driver1 in the pool of databases ends in 10 days. To renew it: muster apply.\n');
    expect(stdout).toContain('\nThe certificate of driver2 in the pool of databases has ended on 2026-01-01. To renew it: muster apply.\n');
  });

  it('status says while versions differ, but not of one that is gone', async () => {
    const [first, second, third] = status.members;
    const newer = (one: PoolStatus['members'][number] | undefined) => ({ ...one, version: '0.2.0' });
    const said = async (members: unknown[]) => {
      seen = { ...status, members: members as PoolStatus['members'] };
      return (await run('status')).stdout;
    };
    expect(await said([first, newer(second), third])).toContain(
      '\nVersions differ: 0.1.0, 0.2.0. To bring all to one: muster pool upgrade',
    );
    await server?.stop();
    expect(await said([first, second, newer(third)])).not.toContain('differ');
  });

  it('status is the same as JSON, and as names', async () => {
    expect(JSON.parse((await run('status', '-o', 'json')).stdout)).toEqual(status);
    await server?.stop();
    expect((await run('status', '-o', 'name')).stdout).toBe('driver1\ndriver2\ndriver3\n');
  });

  it.each<[string, Partial<PoolStatus['database']>, string]>([
    ['unprotected', { protection: 'unprotected' }, 'Database: unprotected, there is only one copy.\n'],
    ['not known', { protection: 'unknown', note: 'Nobody says.' }, 'Database: how well it is protected is not known. Nobody says.\n'],
    [
      'elsewhere and behind',
      { protection: 'asynchronous', copies: [copy('db2', { memberId: null, synchronous: false, lagBytes: 12_000_000, lagSeconds: 4 })] },
      'lost with the primary.\n  db2:25432: replica, asynchronous, 12.0 MB or 4s behind\n',
    ],
    ['of somebody else', { copies: [copy('driver1')] }, 'replica, not known whether synchronous, lag not known'],
  ])('status says of a database that is %s so', async (_what, database, said) => {
    seen = { ...status, database: { ...status.database, ...database } };
    expect((await run('status')).stdout).toContain(said);
  });

  it('status says when it is from memory, and that a promotion is under way', async () => {
    seen = { ...status, leases: [], ageSeconds: 12, promotion: promotion() };
    const { stdout } = await run('status');
    expect(stdout).toMatch(/^The database does not answer: this is how it was 12s ago/u);
    expect(stdout).toContain('A promotion is under way: driver1 hands the primary over to driver2.\n');
  });

  describe('promote', () => {
    it('waits until the new primary takes writes', async () => {
      ends = [promotion(), promotion({ state: 'done', message: 'driver2 takes writes.' })];
      expect((await run('promote', 'driver2')).stdout).toBe('driver2 takes writes.\n');
      expect(server?.asked.find(({ path }) => path.endsWith('/promote'))).toMatchObject({
        method: 'POST',
        path: '/pool/driver2-0001/promote',
        body: { acceptDataLoss: false },
      });
    });

    it('does not wait where it is told so, or where nothing had to be done', async () => {
      expect(JSON.parse((await run('promote', 'driver2', '--no-wait', '-o', 'json')).stdout)).toEqual(promotion());
      await server?.stop();
      begun = { status: 202, body: promotion({ state: 'already', kind: null, message: 'driver2 is the primary already.' }) };
      expect((await run('promote', 'driver2')).stdout).toBe('driver2 is the primary already.\n');
    });

    it('ends with what came of it where the server has forgotten it', async () => {
      seen = { ...status, database: { ...status.database, copies: [copy('driver2', { role: 'primary' })] } };
      expect((await run('promote', 'driver2')).stdout).toBe('driver2 is the primary of the database, and takes writes.\n');
    });

    it('says what was given up', async () => {
      ends = [promotion({ state: 'done', kind: 'fail-over', lostBytes: 4096, message: 'Done.' })];
      expect((await run('promote', 'driver2', '--accept-data-loss')).stdout).toBe(
        'Done. 4096 bytes of the write-ahead log at least were lost by it.\n',
      );
      await server?.stop();
      ends = [promotion({ state: 'done', kind: 'fail-over', lostBytes: null, message: 'Done.' })];
      expect((await run('promote', 'driver2')).stdout).toBe('Done. What was lost by it is not known.\n');
    });

    it('fails as it failed, and says how to go on where data would be lost', async () => {
      ends = [promotion({ state: 'failed', message: 'Another promotion won: driver3 is the primary now.' })];
      expect(await run('promote', 'driver2')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('Another promotion won') as string,
      });
      await server?.stop();
      begun = { status: 409, body: problem('would-lose-data', 'Nothing was done: it lacks 9 bytes.').problem };
      const { code, stderr } = await run('promote', 'driver2');
      expect([code, stderr]).toEqual([1, expect.stringMatching(/lacks 9 bytes\. To promote it all the same: --accept-data-loss/u)]);
      await server?.stop();
      begun = { status: 409, body: problem('promotion-under-way', 'Nothing was done: another promotion is under way.').problem };
      expect(await run('promote', 'driver2')).toMatchObject({ code: 1, stderr: expect.stringContaining('under way') as string });
    });

    it('gives up waiting, and says so', async () => {
      expect(await run('promote', 'driver2', '--timeout', '1')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('does not take writes after 1 s') as string,
      });
    });
  });

  it.each([
    ['drain', 'POST', '/pool/driver2-0001/drain', 'driver2: drained.\n'],
    ['undrain', 'POST', '/pool/driver2-0001/undrain', 'driver2: undrained.\n'],
    ['remove', 'DELETE', '/pool/driver2-0001', 'driver2: removed.\n'],
  ])('%s finds the server by its name', async (verb, method, path, said) => {
    const { stdout } = await run(verb, 'driver2');
    expect(stdout).toBe(said);
    expect(server?.asked.at(-1)).toMatchObject({ method, path });
  });

  it.each([
    [['--to', 'driver2'], { range: 'rack1', to: 'driver2-0001' }, 'node[1-3]: to driver2 (2 of 3 were elsewhere).\n'],
    [
      ['--from', 'driver1', '--to', 'driver2'],
      { range: 'rack1', to: 'driver2-0001', from: 'driver1-0001' },
      'node[1-3]: to driver2 (2 of 3 were elsewhere).\n',
    ],
    [['--back'], { range: 'rack1', to: null }, 'node[1-3]: to where the pool puts them (2 of 3 were elsewhere).\n'],
  ])('move %j says which nodes go where', async (options, body, said) => {
    const { stdout } = await run('move', 'rack1', ...options);
    expect(stdout).toBe(said);
    expect(server?.asked.at(-1)).toMatchObject({ method: 'POST', path: '/pool/move', body });
  });

  it('move wants to know where to', async () => {
    expect(await run('move', 'rack1')).toMatchObject({ code: 2, stderr: expect.stringContaining('--to MEMBER, or --back') });
    await server?.stop();
    expect(await run('move', 'rack1', '--to', 'driver2', '--back')).toMatchObject({ code: 2 });
  });

  it('finds a server by the beginning of its id, and refuses what means none or several', async () => {
    expect((await run('drain', 'driver2-')).stdout).toBe('driver2: drained.\n');
    await server?.stop();
    expect(await run('drain', 'driver')).toMatchObject({ code: 1, stderr: expect.stringContaining('More than one server') });
    await server?.stop();
    expect(await run('drain', 'nobody')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('No server of the pool is meant by nobody; there are driver1 (driver1-), driver2'),
    });
  });
});
