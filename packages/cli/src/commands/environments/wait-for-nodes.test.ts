import type { NodeEnvironment } from '@muster/api';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { progressOf, waitForNodes } from './wait-for-nodes.ts';

type Work = NonNullable<NodeEnvironment['work']>;

const item = (name: string, change: Partial<NodeEnvironment> = {}, work?: Partial<Work>): NodeEnvironment => ({
  nodeId: '7c1f1f0e-6c1e-4f0e-9d6a-0d9c8f1b2a3c',
  nodeName: name,
  environment: 'ml',
  wantedVersion: 2,
  observedVersion: null,
  sync: 'out-of-sync',
  difference: 'missing',
  work:
    work === undefined
      ? null
      : { action: 'create', version: 2, state: 'new', message: '', attempts: 0, retryAt: null, taskId: null, changedAt: '', ...work },
  ...change,
});

afterEach(() => void vi.restoreAllMocks());

describe('how far nodes are', () => {
  it.each<[string, NodeEnvironment, string]>([
    ['nothing was offered yet', item('n1'), 'pending'],
    ['it waits', item('n1', {}, { state: 'new' }), 'pending'],
    ['it is being built', item('n1', {}, { state: 'ongoing' }), 'pending'],
    ['only the version before is done', item('n1', {}, { state: 'success', version: 1 }), 'pending'],
    ['only the version before failed', item('n1', {}, { state: 'failed', version: 1 }), 'pending'],
    ['a node has not said what it has', item('n1', { sync: 'unknown' }, { state: 'new' }), 'pending'],
    ['it is done', item('n1', {}, { state: 'success' }), 'done'],
    ['it failed', item('n1', {}, { state: 'failed' }), 'failed'],
    ['environments are off', item('n1', { sync: 'off' }), 'left'],
    [
      'the node is away in the middle of it',
      item('n1', { sync: 'unknown' }, { state: 'ongoing', message: 'Waits for n1 to connect again.' }),
      'pending',
    ],
    ['the node is away', item('n1', { sync: 'unknown' }, { state: 'new', message: 'Waits for n1 to connect.' }), 'left'],
  ])('%s', (_what, given, expected) => {
    const { pending, done, failed, left } = progressOf([given]);
    expect({ pending, done, failed: failed.length, left }).toEqual({ pending: 0, done: 0, failed: 0, left: 0, [expected]: 1 });
  });
});

describe('waiting for nodes', () => {
  const said = () => {
    let text = '';
    vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
      text += String(chunk);
      return true;
    });
    return () => text;
  };
  const options = { timeoutSeconds: 5, pollMs: 1 };

  it('says how it goes, once each, and ends when all are done', async () => {
    const text = said();
    const rounds = [
      [item('n1'), item('n2')],
      [item('n1'), item('n2')],
      [item('n1', {}, { state: 'success' }), item('n2')],
      [item('n1', {}, { state: 'success' }), item('n2', { sync: 'off' })],
    ];
    await waitForNodes(() => Promise.resolve(rounds.shift() ?? []), 'ml 2', options);
    expect(text()).toBe('ml 2: 0 of 2 done\nml 2: 1 of 2 done\nml 2: 1 of 2 done, 1 off or away\n');
  });

  it('does not wait for a node that was lost in the middle of its work and stays away', async () => {
    const text = said();
    let nowMs = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => (nowMs += 6000));
    const lost = item('n1', { sync: 'unknown' }, { state: 'ongoing', message: 'Waits for n1 to connect again.' });
    await waitForNodes(() => Promise.resolve([lost]), 'ml 2', { timeoutSeconds: 500, pollMs: 1 });
    expect(text()).toBe('ml 2: 0 of 1 done\nml 2: 0 of 1 done, 1 off or away\n');
  });

  it('is an error that names the nodes that failed, with what they said made harmless', async () => {
    said();
    const failed = [item('n1', {}, { state: 'failed', message: 'no disk \u001B[2J' }), item('n2', {}, { state: 'success' })];
    await expect(waitForNodes(() => Promise.resolve(failed), 'ml 2', options)).rejects.toThrow(
      'ml 2: failed on 1 node.\n  n1, ml: no disk \uFFFD[2J',
    );
  });

  it('ends when its time is over, and says that it goes on', async () => {
    said();
    await expect(waitForNodes(() => Promise.resolve([item('n1')]), 'ml 2', { timeoutSeconds: 0, pollMs: 1 })).rejects.toThrow(
      /not done on 1 node within 0 s; it goes on/u,
    );
  });
});
