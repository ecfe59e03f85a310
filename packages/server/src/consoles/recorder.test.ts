import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Node } from '@muster/api';
import { afterEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/fake-clock.ts';
import { keptLog } from '../../test/kept-log.ts';
import { Recorder } from './recorder.ts';

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

async function open() {
  const parent = await mkdtemp(join(tmpdir(), 'muster-recorder-'));
  folders.push(parent);
  const clock = new FakeClock();
  const folder = join(parent, 'consoles');
  return { clock, folder, recorder: new Recorder({ folder, clock, log: keptLog().log }) };
}
const place = { node: { name: 'web1' } as Node, size: { columns: 80, rows: 24 } };

describe('a recording', () => {
  it('is an asciicast of what was shown, for its owner alone', async () => {
    const { recorder, folder, clock } = await open();
    const recording = await recorder.begin(place);
    const [head, tail] = [Buffer.from('h\u00e9').subarray(0, 2), Buffer.from('h\u00e9').subarray(2)];
    recording.output(head);
    clock.pass(1500);
    recording.output(tail);
    await recording.end();
    const [one] = await recorder.list();
    expect(one).toMatchObject({ nodeName: 'web1', id: expect.stringMatching(/^web1_\d{8}T\d{9}Z\.cast$/u) as string });
    const lines = (await readFile(join(folder, one?.id ?? ''), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(lines).toEqual([
      expect.objectContaining({ version: 2, width: 80, height: 24, title: 'web1' }),
      [0, 'o', 'h'],
      [1.5, 'o', '\u00e9'],
    ]);
    const modes = await Promise.all([folder, join(folder, one?.id ?? '')].map(async (path) => (await stat(path)).mode & 0o777));
    expect(modes).toEqual([0o700, 0o600]);
    expect(await recorder.path(one?.id ?? '')).toBe(join(folder, one?.id ?? ''));
  });

  it('is deleted when it is old; what is none stays', async () => {
    const { recorder, folder, clock } = await open();
    await (await recorder.begin(place)).end();
    await writeFile(join(folder, 'notes.txt'), 'mine');
    clock.pass(3 * 86_400_000);
    await (await recorder.begin(place)).end();
    expect(await recorder.list()).toHaveLength(2);
    expect([await recorder.forget(2), (await recorder.list()).length, await recorder.forget(2)]).toEqual([1, 1, 0]);
    expect(await readFile(join(folder, 'notes.txt'), 'utf8')).toBe('mine');
    expect(await recorder.path('../secret.cast')).toBeUndefined();
  });

  it('is none where nothing was ever recorded', async () => {
    const { recorder } = await open();
    expect([await recorder.list(), await recorder.forget(1)]).toEqual([[], 0]);
  });
});
