import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeTar } from '@muster/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { artifactOf, FakeArtifactServer } from '../../../test/artifact-server.ts';
import { enrolledNode } from '../../../test/enrolled-node.ts';
import { agentProgram, archiveOf, archiveTask } from '../../../test/engine-fixture.ts';
import { type FakeAuthority, makeFakeAuthority } from '../../../test/fake-authority.ts';
import { temporaryFolder } from '../../../test/temporary-folder.ts';
import { waitFor } from '../../../test/wait-for.ts';
import { type Job, jobPath, readResult, writeJob } from './job.ts';

let authority: FakeAuthority;
beforeAll(async () => {
  authority = await makeFakeAuthority();
});

const one = archiveOf('one');
/** A stand-in for conda-unpack that takes its time. */
const slow = artifactOf(
  'slow.tar',
  makeTar([
    { path: 'bin/python', content: '#!/bin/sh\nexec sh "$@"\n', mode: 0o755 },
    { path: 'bin/conda-unpack', content: 'echo $$ > "$TMPDIR/../../slow-pid"; sleep 60\n', mode: 0o755 },
  ]),
);

async function fixture(change: Partial<Job> = {}) {
  const server = await FakeArtifactServer.start(authority, [one, slow]);
  const { stateDir } = await enrolledNode(authority, [server.address]);
  const root = join(temporaryFolder(), 'environments');
  const job: Job = { taskId: 't1', task: archiveTask('ml', 1, one), root, stateDir, servers: [server.address], asSelf: true, ...change };
  return { server, stateDir, root, job };
}

/** The process that builds, as the agent starts it. */
async function start(job: Job, ...more: string[]): Promise<{ child: ChildProcess; ended: Promise<number | null> }> {
  await writeJob(job);
  const child = spawn(agentProgram[0], [agentProgram[1], 'environment-work', '--job', jobPath(job.stateDir), ...more], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.stdin?.on('error', () => undefined);
  return { child, ended: new Promise((resolve) => child.once('close', resolve)) };
}

const runs = (pid: number): boolean => existsSync(`/proc/${pid}`) && !/^State:\s+Z/mu.test(readFileSync(`/proc/${pid}/status`, 'utf8'));

describe('the process that builds', () => {
  it('does its job, writes the result down and ends', async () => {
    const { job, stateDir, root } = await fixture();
    const { ended } = await start(job);
    expect(await ended).toBe(0);
    expect(await readResult(stateDir, 't1')).toMatchObject({ outcome: 'succeeded', message: 'Version 1 of ml is built and in use.' });
    expect(readFileSync(join(root, 'ml/current/bin/tell'), 'utf8')).toContain('one');
    expect(lstatSync(join(root, '.muster-environments')).isFile()).toBe(true);
  });

  it('writes down why it failed', async () => {
    const { job, stateDir } = await fixture({ task: { ...archiveTask('ml', 1, one), maxUnpackedBytes: 1 } });
    await (
      await start(job)
    ).ended;
    expect(await readResult(stateDir, 't1')).toMatchObject({
      outcome: 'failed',
      passing: false,
      message: expect.stringMatching(/more than 1 bytes/u),
    });
  });

  it.each(['SIGTERM', 'its input'])('ends with all that it started on %s', async (how) => {
    const { job, stateDir, root } = await fixture({ task: archiveTask('ml', 1, slow) });
    const { child, ended } = await start(job, '--end-with-input');
    const pidFile = join(root, 'slow-pid');
    await waitFor(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8').endsWith('\n'), 'conda-unpack', 20_000);
    const pid = Number(readFileSync(pidFile, 'utf8'));
    if (how === 'SIGTERM') child.kill('SIGTERM');
    else child.stdin?.end();
    await ended;
    expect(await readResult(stateDir, 't1')).toMatchObject({ outcome: 'cancelled' });
    expect(runs(pid)).toBe(false);
    expect(existsSync(join(root, 'ml'))).toBe(false);
  });

  it('works alone: a second one waits for the first, and both are done', async () => {
    const { job, root, server } = await fixture();
    const { stateDir: other } = await enrolledNode(authority, [server.address]);
    const both = await Promise.all([start(job), start({ ...job, stateDir: other, taskId: 't2' })]);
    expect(await Promise.all(both.map(({ ended }) => ended))).toEqual([0, 0]);
    expect([await readResult(job.stateDir, 't1'), await readResult(other, 't2')].map((one_) => one_?.outcome)).toEqual([
      'succeeded',
      'succeeded',
    ]);
    expect(server.requests).toHaveLength(1);
    expect(existsSync(join(root, 'ml/current'))).toBe(true);
  });

  it('touches no folder that holds anything else', async () => {
    const { job, stateDir, root } = await fixture();
    mkdirSync(join(root, 'photos/1'), { recursive: true });
    writeFileSync(join(root, 'photos/1/cat'), 'cat');
    await (
      await start(job)
    ).ended;
    expect(await readResult(stateDir, 't1')).toMatchObject({
      outcome: 'failed',
      passing: false,
      message: expect.stringMatching(/is not empty \(photos\).*environmentsDir/u),
    });
    expect(readFileSync(join(root, 'photos/1/cat'), 'utf8')).toBe('cat');
  });

  it.runIf(process.getuid?.() === 0)('builds for others only where they can come', async () => {
    const { job, stateDir, root } = await fixture({ asSelf: false });
    chmodSync(join(root, '..'), 0o700);
    await (
      await start(job)
    ).ended;
    expect(await readResult(stateDir, 't1')).toMatchObject({
      outcome: 'failed',
      message: expect.stringMatching(/cannot be reached by other users because of .*chmod o\+x/u),
    });
  });

  it('says what is missing where it has no job', async () => {
    const folder = temporaryFolder();
    const child = spawn(agentProgram[0], [agentProgram[1], 'environment-work', '--job', join(folder, 'none')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(1);
    expect(said).toMatch(/holds no job/u);
  });
});
