import { describe, expect, it } from 'vitest';
import type { EnvironmentRunner } from '../../environments/launch/environment-runner.ts';
import type { JobResult } from '../../environments/launch/job.ts';
import { environmentHandler } from './environment-handler.ts';

const work = { kind: 'environment', action: 'remove', name: 'ml', force: false };
const handlerWith = (result: Partial<JobResult>) => {
  const run = (taskId: string): Promise<JobResult> =>
    Promise.resolve({ taskId, outcome: 'failed', passing: false, message: 'm', output: '', ...result });
  return environmentHandler({ run } as unknown as EnvironmentRunner);
};
const ran = (result: Partial<JobResult>, given: unknown = work, signal = new AbortController().signal) =>
  handlerWith(result).run({ id: 't1', work: given as typeof work, timeoutSeconds: 60, signal });

describe('a task about an environment', () => {
  it('may be begun anew after a crash', () => expect(handlerWith({}).repeatable).toBe(true));

  it('tells a server whether it is worth trying again', async () => {
    expect(await ran({ outcome: 'succeeded', output: '{}' })).toEqual({ outcome: 'succeeded', message: 'm', output: '{}', exitStatus: 0 });
    expect(await ran({ passing: true })).toEqual({ outcome: 'failed', message: 'm', exitStatus: 75 });
    expect(await ran({ passing: false })).toEqual({ outcome: 'failed', message: 'm', exitStatus: 1 });
  });

  it('is cancelled, or took too long', async () => {
    expect(await ran({ outcome: 'cancelled' }, work, AbortSignal.abort('cancelled'))).toEqual({ outcome: 'cancelled', message: 'm' });
    expect(await ran({ outcome: 'cancelled' }, work, AbortSignal.abort('timeout'))).toMatchObject({
      outcome: 'failed',
      exitStatus: 75,
      message: expect.stringMatching(/longer than 60 s/u),
    });
  });

  it('that is not understood is refused', async () => {
    await expect(ran({}, { kind: 'environment', action: 'explode' })).rejects.toThrow(/does not understand .* older than the server/u);
  });
});
