import type { Member, PoolStatus } from '@muster/api';
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
  state: 'active',
  joinedAt: '2026-01-01T00:00:00.000Z',
  startedAt: '2026-01-01T00:00:00.000Z',
  heardAgeMs: 400,
  lostAt: null,
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
};

describe('muster pool', () => {
  let server: FakeServer | undefined;
  afterEach(() => server?.stop());
  const run = async (...words: string[]) => {
    server = await FakeServer.start(({ method, path }) => {
      if (path === '/pool') return { body: status };
      if (path === '/pool/move') return { body: { range: 'node[1-3]', count: 3, already: 1 } };
      return method === 'DELETE' ? { status: 204 } : { body: member('driver2') };
    });
    return await runMuster('--socket', server.socketPath, 'pool', ...words);
  };

  it('status shows each server, what it does, and what nobody does', async () => {
    const { stdout } = await run('status');
    expect(stdout.split('\n').map((line) => line.trimEnd())).toEqual([
      'SERVER     STATE            ZONE   AGENTS  VERSION  CLOCK   DOES',
      'driver1 *  there            rack1  2       0.1.0    right   health',
      'driver2    draining         -      2       0.1.0    -1m 1s  -',
      'driver3    gone for 1m 30s  -      0       0.1.0    right   -',
      '* answers here',
      '',
      'Nobody does at the moment: samples. A server takes it in seconds.',
      '',
    ]);
  });

  it('status is the same as JSON, and as names', async () => {
    expect(JSON.parse((await run('status', '-o', 'json')).stdout)).toEqual(status);
    await server?.stop();
    expect((await run('status', '-o', 'name')).stdout).toBe('driver1\ndriver2\ndriver3\n');
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
