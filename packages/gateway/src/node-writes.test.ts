import { StoreUnavailable } from '@muster/store';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { keptLog } from '../test/kept-log.ts';
import { NodeWrites } from './node-writes.ts';

const node = { nodeId: 'n1', nodeName: 'worker1' };

describe('writes about nodes', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('follow each other for one node, and wait for the database without holding up another', async () => {
    const { log, lines } = keptLog();
    const writes = new NodeWrites(log);
    const done: string[] = [];
    let away = true;
    writes.add(node, 'first', async () => {
      if (away) throw new StoreUnavailable('away');
      done.push('first');
    });
    writes.add(node, 'second', async () => void done.push('second'));
    writes.add({ nodeId: 'n2', nodeName: 'worker2' }, 'other', async () => void done.push('other'));
    await vi.advanceTimersByTimeAsync(5000);
    expect(done).toEqual(['other']);
    away = false;
    await vi.advanceTimersByTimeAsync(1000);
    await writes.settled();
    expect(done).toEqual(['other', 'first', 'second']);
    expect(lines).toEqual([]);
  });

  it('log a failure of another kind and go on', async () => {
    const { log, lines } = keptLog();
    const writes = new NodeWrites(log);
    const second = vi.fn(async () => undefined);
    writes.add(node, 'connected', () => Promise.reject(new Error('broken')));
    writes.add(node, 'disconnected', second);
    await writes.settled();
    expect(second).toHaveBeenCalledOnce();
    expect(lines).toMatchObject([{ level: 'error', fields: { node: 'worker1', what: 'connected' } }]);
  });

  it('are given up at the end, and no new ones are taken', async () => {
    const { log } = keptLog();
    const writes = new NodeWrites(log);
    writes.add(node, 'connected', () => Promise.reject(new StoreUnavailable('away')));
    await vi.advanceTimersByTimeAsync(1);
    writes.abandon();
    await writes.settled();
    const late = vi.fn(async () => undefined);
    writes.add(node, 'late', late);
    await writes.settled();
    expect(late).not.toHaveBeenCalled();
  });
});
