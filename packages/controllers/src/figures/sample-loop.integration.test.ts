import { KeptLog, withStore } from '@muster/testkit';
import { expect, it, vi } from 'vitest';
import { makeSampleLoop } from './sample-loop.ts';

it('keeps a sample soon after the start, and says when it cannot', async () => {
  const { store } = await withStore();
  const log = new KeptLog();
  const loop = makeSampleLoop(store, log);
  loop.start();
  await vi.waitFor(async () => expect((await store.samples.read(60, 0, Date.now() / 1000 + 60)).fleet).toHaveLength(1));
  await loop.stop();
  vi.spyOn(store.samples, 'take').mockRejectedValue(new Error('away'));
  loop.start();
  await loop.stop();
  expect(log.messages('warn')).toEqual([expect.stringContaining('tried again')]);
});
