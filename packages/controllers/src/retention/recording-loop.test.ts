import { KeptLog } from '@muster/testkit';
import { expect, it, vi } from 'vitest';
import { makeRecordingLoop } from './recording-loop.ts';

it.each([
  [3, [{ level: 'info', message: 'old recordings of consoles were deleted', fields: { recordings: 3, olderThanDays: 30 } }]],
  [0, []],
])('deletes what is older than it is to be kept, and says how much that was (%i)', async (recordings, lines) => {
  const forget = vi.fn(async (_days: number) => recordings);
  const log = new KeptLog();
  const loop = makeRecordingLoop({ recorder: { forget }, log, keepDays: 30 });
  loop.start();
  await loop.stop();
  expect(forget.mock.calls).toEqual([[30]]);
  expect(log.lines).toEqual(lines);
});
