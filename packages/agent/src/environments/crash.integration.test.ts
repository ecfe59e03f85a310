import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { agentProgram, archiveOf, archiveTask, EngineFixture } from '../../test/engine-fixture.ts';
import { type FakeAuthority, makeFakeAuthority } from '../../test/fake-authority.ts';
import type { EngineStep } from './engine.ts';
import { takeInventory } from './inventory.ts';

let authority: FakeAuthority;
beforeAll(async () => {
  authority = await makeFakeAuthority();
});

const one = archiveOf('one');
// Large enough that a kill after some milliseconds comes in the middle of unpacking.
const two = archiveOf(
  'two',
  Array.from({ length: 400 }, (_, index) => ({ path: `data/${index}`, content: randomBytes(20_000) })),
);

/** Does the task in a process that dies by kill -9 at this step. */
async function dieAt(host: EngineFixture, task: unknown, step: EngineStep, dieAfterMs?: number): Promise<NodeJS.Signals | null> {
  const wish = {
    task,
    root: host.root,
    stateDir: host.stateDir,
    servers: [host.server.address],
    program: agentProgram,
    dieAt: step,
    dieAfterMs,
  };
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../test/crashing-work.ts'), JSON.stringify(wish)], {
    stdio: 'ignore',
  });
  return new Promise((resolve) => child.once('close', (_code, signal) => resolve(signal)));
}

const tells = (host: EngineFixture): string => execFileSync(join(host.root, 'ml/current/bin/tell'), { encoding: 'utf8' }).trim();

describe('a process that builds and dies by kill -9', () => {
  const moments: [EngineStep, number | undefined][] = [
    ['begin', undefined],
    ['fetch', undefined],
    ['fetch', 5],
    ['build', undefined],
    ['build', 600],
    ['own', undefined],
    ['record', undefined],
    ['switch', undefined],
    ['sweep', undefined],
  ];

  it.each(moments)('at "%s" (%s ms later) leaves an environment that works, and the next one brings it level', async (step, afterMs) => {
    const host = await EngineFixture.open(authority, [one, two]);
    await host.ensure(archiveTask('ml', 1, one));
    const task = archiveTask('ml', 2, two);
    expect(await dieAt(host, task, step, afterMs)).toBe('SIGKILL');
    // One that dies some time after the step has begun may have come further by then.
    const found = tells(host);
    if (afterMs === undefined) expect(found).toBe(step === 'sweep' ? 'two' : 'one');
    else expect(['one', 'two']).toContain(found);
    const { items } = (await takeInventory(host.parts.paths)) as { items: { version: number }[] };
    expect(items.map(({ version }) => version)).toEqual([found === 'two' ? 2 : 1]);
    const sentBefore = host.server.sentBytes;
    await host.ensure(task);
    expect(tells(host)).toBe('two');
    expect(host.names('ml')).toEqual(['1', '1.json', '2', '2.json', 'current']);
    expect(host.names()).toEqual(['.cache', 'ml']);
    // What had been fetched before is not fetched again.
    if (!['begin', 'fetch'].includes(step)) expect(host.server.sentBytes).toBe(sentBefore);
  });

  it('while it removes leaves all of it or nothing, and the next one nothing', async () => {
    for (const step of ['begin', 'switch', 'sweep'] as const) {
      const host = await EngineFixture.open(authority, [one]);
      await host.ensure(archiveTask('ml', 1, one));
      await dieAt(host, { kind: 'environment', action: 'remove', name: 'ml', force: false }, step);
      expect(host.names('ml')).toEqual(step === 'sweep' ? [] : ['1', '1.json', 'current']);
      await host.remove('ml');
      expect(host.names()).toEqual([]);
    }
  });
});
