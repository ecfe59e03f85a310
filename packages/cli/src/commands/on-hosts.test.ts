import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { closedPort } from '../../test/closed-port.ts';
import { runMuster } from '../../test/run-muster.ts';

/* Building what is installed takes long and is tested elsewhere; no host of these tests is ever reached. */
vi.mock('../release-artifacts.ts', () => ({
  findArtifacts: () => Promise.resolve({ server: {}, agent: { x64: { path: '/x.tar.gz', sha256: 'a'.repeat(64), version: '1' } } }),
}));

/* What `ping` and `apply` print is tested on hosts that nobody can reach; on real hosts it is the lab's. */
describe('a command on hosts', () => {
  let folder = '';
  let inventory = '';
  const stateBefore = process.env['XDG_STATE_HOME'];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'muster-hosts-'));
    process.env['XDG_STATE_HOME'] = join(folder, 'state');
    inventory = join(folder, 'inventory.ini');
    const where = `ansible_host=127.0.0.1 ansible_port=${await closedPort()} ansible_user=nobody`;
    writeFileSync(inventory, `[driver]\nboss ${where}\n[worker]\nweb1 ${where}\n`);
  });
  afterAll(() => {
    if (stateBefore === undefined) delete process.env['XDG_STATE_HOME'];
    else process.env['XDG_STATE_HOME'] = stateBefore;
    rmSync(folder, { recursive: true });
  });

  const run = (command: string, ...args: string[]) =>
    runMuster(command, '-i', inventory, '--known-hosts', join(folder, 'known_hosts'), '-T', '5', ...args);

  it('ping tells each host and the sum, and ends with 1 unless all answered', async () => {
    const { code, stdout, stderr } = await run('ping');
    expect([code, stderr]).toEqual([1, '']);
    expect(stdout).toMatch(/^FAILED boss +\d+ ms {2}boss \(127\.0\.0\.1:\d+\): .*\n/mu);
    expect(stdout).toMatch(/^FAILED web1 /mu);
    expect(stdout).toMatch(/\n0 of 2 hosts answered in \d+\.\d\d s\n$/u);
  });

  it('ping takes variables of the command line before those of the inventory', async () => {
    const { stdout } = await run('ping', '-o', 'json', '-e', 'ansible_host=127.0.0.2');
    expect(JSON.parse(stdout)).toMatchObject([{ failure: { message: expect.stringContaining('127.0.0.2') as string } }, {}]);
  });

  it('ping -o json is one JSON list and nothing else', async () => {
    const { code, stdout, stderr } = await run('ping', '-o', 'json');
    expect([code, stderr]).toEqual([1, '']);
    expect(JSON.parse(stdout)).toMatchObject([
      { host: 'boss', ok: false, failure: { phase: 'ping', kind: 'unreachable' } },
      { host: 'web1', ok: false, failure: { phase: 'ping', kind: 'unreachable' } },
    ]);
  });

  it.each([[['--dry-run']], [[]], [['--diff']]])('apply -o json %j is JSON on every line and nothing else', async (options) => {
    const { code, stdout, stderr } = await run('apply', '-o', 'json', ...options);
    expect([code, stderr]).toEqual([1, '']);
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(events.map((event) => event['event'])).toEqual([
      'phase-started',
      'host-finished',
      'host-finished',
      'phase-finished',
      'finished',
    ]);
    expect(events.at(-1)).toMatchObject({
      hosts: 2,
      changed: 0,
      failed: 2,
      failures: [{ host: 'boss', phase: 'connect' }, { host: 'web1' }],
    });
  });

  it('apply tells in words what failed, and how to go on', async () => {
    const { code, stdout } = await run('apply', '--dry-run');
    expect(code).toBe(1);
    expect(stdout).toContain('connect: 2 failed');
    expect(stdout).toContain('2 hosts: 0 would change, nothing was changed, 2 failed in ');
    expect(stdout).toContain('run the same command again');
  });

  it.each([
    ['web9', 'web9'],
    ['web[1-', 'web[1-'],
  ])('apply --reissue %s is refused before any host is asked', async (range, said) => {
    const { code, stdout, stderr } = await run('apply', '--reissue', range);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(said);
  });

  it('apply is kept, and "muster runs" shows it: the list, one run, and what may be secret not', async () => {
    await run('apply', '--dry-run', '-e', 'muster_label=hidden', '--skip-check', 'cores');
    const [latest] = JSON.parse((await runMuster('runs', '-o', 'json', '--limit', '1')).stdout) as { id: string }[];
    expect(latest).toMatchObject({
      command: 'apply',
      options: ['-i', inventory, '--dry-run', '--skip-check', 'cores'],
      state: 'failed',
      counts: { hosts: 2, failed: 2 },
    });
    const { stdout } = await runMuster('runs', latest?.id.slice(0, 8) ?? '');
    expect(stdout).toContain('State     failed after ');
    expect(stdout).toMatch(/^web1: failed, .*\n {2}connect: failed: web1 \(127\.0\.0\.1:/mu);
    expect((await runMuster('runs')).stdout).toContain(latest?.id.slice(0, 8));
    expect((await runMuster('runs', 'ffffffff')).stderr).toContain('There is no run ffffffff.');
  });

  it('apply --list-checks needs no inventory, and a check that there is not is refused with all there are', async () => {
    const { code, stdout } = await runMuster('apply', '--list-checks');
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^CHECK .*\nos /u)]);
    const refused = await run('apply', '--skip-check', 'memory,core');
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('--skip-check: there is no check core. There are: os,')]);
  });

  it('apply --reissue takes a range of the inventory', async () => {
    expect((await run('apply', '--reissue', 'worker', '--dry-run')).stdout).toContain('connect: 2 failed');
  });

  it.each([
    ['ping', 'is-not-there.ini', /error: .*is-not-there\.ini/u],
    ['apply', 'is-not-there.ini', /error: .*is-not-there\.ini/u],
    ['ping', 'empty.ini', /names no host/u],
    ['apply', 'empty.ini', /no host in the group \[driver\]/u],
  ])('%s says clearly what is wrong with %s, on standard error only', async (command, file, said) => {
    writeFileSync(join(folder, 'empty.ini'), '# nobody\n');
    const { code, stdout, stderr } = await runMuster(command, '-i', join(folder, file), '-o', 'json');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(said);
    expect(stderr).not.toMatch(/\n\s+at /u);
  });

  it('kubeconfig says that there is no k3s, or that no server gave it', async () => {
    const none = await run('kubeconfig');
    expect([none.code, none.stdout]).toEqual([1, '']);
    expect(none.stderr).toMatch(/no server of k3s/u);
    const away = await run('kubeconfig', '-e', 'install_k3s=yes', '--file', join(folder, 'kubeconfig'));
    expect([away.code, away.stdout]).toEqual([1, '']);
    expect(away.stderr).toMatch(/No server of k3s gave its kubeconfig\. boss: /u);
  });

  it('artifacts check lists what is missing, and ends with 1', async () => {
    const checked = await runMuster('artifacts', 'check', '-i', inventory, '-e', 'install_k3s=yes', '-e', `k3s_artifacts=${folder}`);
    expect(checked.code).toBe(1);
    expect(checked.stdout).toMatch(/^k3s +k3s +missing +k3s is not there/mu);
    const json = await runMuster('artifacts', 'check', '-i', inventory, '-e', 'install_k3s=yes', '-o', 'json', '--arch', 'both');
    expect(JSON.parse(json.stdout)).toMatchObject([
      { role: 'k3s', state: 'missing', folder: join(folder, 'shared/bin') },
      { state: 'missing' },
    ]);
    const nothing = await runMuster('artifacts', 'check', '-i', inventory);
    expect([nothing.code, nothing.stdout]).toEqual([0, 'The inventory asks for nothing that needs artifacts.\n']);
  });
});
