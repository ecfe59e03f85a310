import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withBuildLock } from './build-lock.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-build-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('builds in one folder', () => {
  it('come one after the other, and a failed one holds up nobody', async () => {
    const steps: string[] = [];
    const build = (name: string) =>
      withBuildLock(folder, async () => {
        steps.push(`${name} begins`);
        await sleep(20);
        steps.push(`${name} ends`);
        if (name === 'bad') throw new Error('it failed');
      }).catch(() => undefined);
    await Promise.all(['one', 'bad', 'two'].map(build));
    expect(steps.map((step) => step.split(' ')[1])).toEqual(['begins', 'ends', 'begins', 'ends', 'begins', 'ends']);
    expect(new Set(steps).size).toBe(6);
  });

  it('are not held up by one that was killed', async () => {
    const script = `import { withBuildLock } from ${JSON.stringify(join(import.meta.dirname, 'build-lock.ts'))};
      await withBuildLock(${JSON.stringify(folder)}, async () => { console.log('builds'); await new Promise((resolve) => setTimeout(resolve, 60_000)); });`;
    const other = spawn(process.execPath, ['--input-type=module-typescript', '--eval', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(other.stdout, 'data');
    other.kill('SIGKILL');
    expect(await withBuildLock(folder, async () => 'built')).toBe('built');
  });
});
