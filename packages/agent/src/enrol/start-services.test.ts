import { describe, expect, it } from 'vitest';
import type { RunProgram, RunResult } from '../run-program.ts';
import { startServices } from './start-services.ts';

const done = (status: number, stderr = ''): RunResult => ({ kind: 'done', status, stdout: '', stderr });

describe('services that waited', () => {
  it('are each asked for, without waiting, also when one fails', async () => {
    const asked: string[] = [];
    const run: RunProgram = async (argv) => {
      asked.push(argv.join(' '));
      return argv.includes('b.service') ? done(5, 'Unit b.service not found.\n') : done(0);
    };
    expect(await startServices(['a.service', 'b.service', 'c.timer'], run)).toEqual([
      { unit: 'b.service', reason: 'exit status 5: Unit b.service not found.' },
    ]);
    expect(asked).toEqual(['a.service', 'b.service', 'c.timer'].map((unit) => `systemctl start --no-block -- ${unit}`));
  });

  it('are all named where there is no systemd', async () =>
    expect(await startServices(['a.service', 'b.service'], async () => ({ kind: 'absent' }))).toEqual([
      { unit: 'a.service', reason: 'there is no such program' },
      { unit: 'b.service', reason: 'there is no such program' },
    ]));
});
