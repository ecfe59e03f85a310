import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClusterFixture, KeptReport } from '../test/cluster-fixture.ts';
import { apply, applyPhases, phasesFor } from './apply.ts';
import { readHooks } from './hook-folder.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-hooks-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const put = (name: string, script: string, mode = 0o755) => {
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, name), mode);
};
const read = () =>
  readHooks(
    folder,
    applyPhases.map(({ name }) => name),
  );
const tell = 'echo "$MUSTER_WHEN $MUSTER_PHASE $MUSTER_HOST $MUSTER_ADDRESS $MUSTER_GROUPS $MUSTER_RESULT" >> "${0%/*}/log"';
const log = () => readFileSync(join(folder, 'log'), 'utf8').trim().split('\n').toSorted();
const phases = phasesFor({ only: ['preflight'] });

describe('hooks', () => {
  it('are called around the run and its phases, for each host, with what became of it', async () => {
    for (const name of ['before', 'after', 'before-preflight', 'after-preflight']) put(name, tell);
    const fixture = new ClusterFixture('[driver]\nboss\n[worker]\nweb1 ansible_host=10.0.0.11\n');
    fixture.unreachable.set('boss', new Error('nothing answers'));
    await apply(fixture.options({ phases, hooks: await read() }), new KeptReport());
    expect(log()).toEqual(
      [
        'after  boss boss driver failed',
        'after  web1 10.0.0.11 worker unchanged',
        'after preflight web1 10.0.0.11 worker unchanged',
        'before  boss boss driver',
        'before  web1 10.0.0.11 worker',
        'before preflight web1 10.0.0.11 worker',
      ].map((line) => (line.startsWith('before') ? `${line} ` : line)),
    );
  });

  it.each([
    ['before', 'hook before', []],
    ['before-preflight', 'preflight', ['sudo id -u', 'look at the host']],
    ['after-preflight', 'preflight', ['sudo id -u', 'look at the host', 'look whether the other hosts answer', 'note what was reached']],
  ])('that fail stop the host: %s', async (name, phase, steps) => {
    put(name, 'echo "not today" >&2; [ "$MUSTER_HOST" != web1 ]');
    const fixture = new ClusterFixture();
    const { failures, outcomes } = await apply(fixture.options({ phases, hooks: await read() }), new KeptReport());
    expect([...failures.keys()]).toEqual(['web1']);
    expect(failures.get('web1')).toMatchObject({ phase, message: expect.stringMatching(/hook .* failed \(1\): not today/u) });
    expect(fixture.host('web1').sent.map(({ label }) => label)).toEqual(steps);
    expect(outcomes.get('web2')?.every(({ status }) => status === 'unchanged')).toBe(true);
  });

  it('are not called in a dry run', async () => {
    put('before', 'exit 1');
    const { failures } = await apply(new ClusterFixture().options({ phases, hooks: await read(), dryRun: true }), new KeptReport());
    expect(failures.size).toBe(0);
  });

  it('are refused with a reason before any host is asked', async () => {
    put('before-lunch', '');
    await expect(read()).rejects.toThrow(/before-lunch is a hook of no phase/u);
    rmSync(join(folder, 'before-lunch'));
    put('README', '', 0o644);
    put('after', '', 0o644);
    await expect(read()).rejects.toThrow(/after cannot be executed: chmod/u);
    await expect(readHooks(join(folder, 'none'), [])).rejects.toThrow(/none cannot be read: .*ENOENT/u);
  });
});
