import type { Log } from '@muster/core';
import { Rounds } from '../rounds.ts';

const everyMs = 3_600_000;

export type RecordingLoopParts = {
  readonly recorder: { readonly forget: (days: number) => Promise<number> };
  readonly log: Log;
  readonly keepDays: number;
};

/** Deletes recordings of consoles that are older than they are to be kept. They are files of this server: so every server runs it. */
export function makeRecordingLoop({ recorder, log, keepDays }: RecordingLoopParts): Rounds {
  const round = async () => {
    const recordings = await recorder.forget(keepDays);
    if (recordings > 0) log.info({ recordings, olderThanDays: keepDays }, 'old recordings of consoles were deleted');
  };
  return new Rounds({ everyMs, log, round, failure: 'old recordings of consoles could not be deleted; tried again in an hour' });
}
