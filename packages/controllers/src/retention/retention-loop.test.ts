import { KeptLog } from '@muster/testkit';
import { expect, it, vi } from 'vitest';
import { makeRetentionLoop } from './retention-loop.ts';

/** A fake table of events that forgets some at a time. */
function fakeEvents(old: number) {
  let left = old;
  return {
    forget: vi.fn(async (_days: number) => {
      const now = Math.min(5000, left);
      left -= now;
      return now;
    }),
  };
}

it('forgets all that is older than it is to be kept, and says how much that was', async () => {
  const events = fakeEvents(12_000);
  const log = new KeptLog();
  const loop = makeRetentionLoop({ store: { events }, log, eventDays: 30 });
  loop.start();
  await loop.stop();
  expect(events.forget.mock.calls).toEqual([[30], [30], [30], [30]]);
  expect(log.lines).toEqual([{ level: 'info', message: 'old events were forgotten', fields: { events: 12_000, olderThanDays: 30 } }]);
});

it('says nothing where nothing is old', async () => {
  const log = new KeptLog();
  const loop = makeRetentionLoop({ store: { events: fakeEvents(0) }, log, eventDays: 90 });
  loop.start();
  await loop.stop();
  expect(log.lines).toEqual([]);
});
