import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/temporary-folder.ts';
import { waitFor } from '../../../test/wait-for.ts';
import type { RunProgram, RunResult } from '../../run-program.ts';
import { childLauncher, systemdLauncher } from './launcher.ts';

const done = (stdout = '', status = 0): RunResult => ({ kind: 'done', status, stdout, stderr: status === 0 ? '' : 'no' });

/** Remembers what was run, and answers as a test says. */
function fakeRun(answer: (argv: readonly string[]) => RunResult = () => done()): { run: RunProgram; calls: string[] } {
  const calls: string[] = [];
  return {
    calls,
    run: (argv) => {
      calls.push(argv.join(' '));
      return Promise.resolve(answer(argv));
    },
  };
}

describe('a build under systemd', () => {
  const command = ['/opt/muster-agent/runtime/node', '/opt/muster-agent/lib/main.js', 'environment-work', '--job', '/j'] as const;

  it('is a transient unit of its own, with the limits of a guest and none of the agent', async () => {
    const { run, calls } = fakeRun();
    await systemdLauncher(run, command, '/var/lib/muster-agent').start(600);
    expect(calls[1]).toMatch(/^systemd-run --quiet --collect --no-block --unit=muster-environments\.service /u);
    expect(calls[1]).toContain('--property=RuntimeMaxSec=630');
    expect(calls[1]).toContain('--property=NoNewPrivileges=yes');
    expect(calls[1]).not.toContain('MemoryMax');
    expect(calls[1]).toMatch(/ -- \/opt\/muster-agent\/runtime\/node \/opt\/muster-agent\/lib\/main\.js environment-work --job \/j$/u);
  });

  it('has a name of its own for each agent of a machine', async () => {
    const units = await Promise.all(
      ['/var/lib/muster-agent', '/a', '/b'].map(async (stateDir) => {
        const { run, calls } = fakeRun();
        await systemdLauncher(run, command, stateDir).start(1);
        return /--unit=(\S+)/u.exec(calls[1] ?? '')?.[1];
      }),
    );
    expect(new Set(units).size).toBe(3);
  });

  it('says why it does not start', async () => {
    const { run } = fakeRun(([program]) => (program === 'systemd-run' ? done('', 1) : done()));
    await expect(systemdLauncher(run, command, '/a').start(1)).rejects.toThrow('systemd does not start the build: exit status 1: no');
  });

  it.each([
    ['active\n', true],
    ['activating\n', true],
    ['deactivating\n', true],
    ['inactive\n', false],
    ['failed\n', false],
    ['', false],
  ])('whose unit is %j is alive: %s', async (state, alive) => {
    const { run, calls } = fakeRun(() => done(state));
    const launcher = systemdLauncher(run, command, '/a');
    expect(await launcher.isAlive()).toBe(alive);
    await launcher.stop();
    expect(calls.some((call) => call.startsWith('systemctl stop'))).toBe(alive);
  });
});

describe('a build without systemd', () => {
  it('is a child that is alive until it ends', async () => {
    const file = join(temporaryFolder(), 'ran');
    const launcher = childLauncher(['sh', '-c', 'echo "$@" > "$0"', file]);
    expect(await launcher.isAlive()).toBe(false);
    await launcher.start(60);
    await waitFor(() => existsSync(file) && readFileSync(file, 'utf8') !== '', 'the child');
    await waitFor(() => readFileSync(file, 'utf8').includes('--end-with-input'), 'its arguments');
    while (await launcher.isAlive()) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  it('ends when it is told to, and when its time is over', async () => {
    for (const seconds of [60, 0.05]) {
      const launcher = childLauncher(['sleep', '60']);
      // `sleep` does not know the option and would end at once: a shell holds it.
      const held = childLauncher(['sh', '-c', 'exec sleep 60']);
      await launcher.stop();
      await held.start(seconds);
      if (seconds === 60) await held.stop();
      while (await held.isAlive()) await new Promise((resolve) => setTimeout(resolve, 5));
    }
  });

  it('that is not there says so', async () => {
    await expect(childLauncher(['/no/such/program']).start(1)).rejects.toThrow(/could not be started: .*ENOENT/u);
  });

  it('ends with the agent, however that dies', async () => {
    const folder = temporaryFolder();
    const script = join(folder, 'agent.ts');
    const launcher = join(import.meta.dirname, 'launcher.ts');
    const child = `process.stdin.resume().once("end", () => process.exit()); require("node:fs").writeFileSync(${JSON.stringify(join(folder, 'pid'))}, String(process.pid)); setInterval(() => {}, 1000)`;
    writeFileSync(
      script,
      `import { childLauncher } from ${JSON.stringify(launcher)};\nawait childLauncher([process.execPath, '-e', ${JSON.stringify(child)}, '--']).start(60);\n`,
    );
    const agent = spawn(process.execPath, [script], { stdio: 'ignore' });
    await waitFor(() => existsSync(join(folder, 'pid')), 'the child', 15_000);
    const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'));
    agent.kill('SIGKILL');
    await waitFor(() => !isAlive(pid), 'the end of the child', 10_000);
  }, 30_000);
});

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/mu.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
