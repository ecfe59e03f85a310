import { withStore } from '@muster/testkit';
import { describe, expect, it } from 'vitest';
import { newEvent, nodeCreate, query } from '../../test/builders.ts';
import type { Store } from '../index.ts';

const reason = (unheard: number) => ({ message: `${unheard} of 5 are unheard`, unheard, watched: 5 });
const event = (message: string) => newEvent(message, { kind: 'liveness-brake' });
const told = async (store: Store) =>
  (await store.events.list({ limit: 50 })).filter(({ kind }) => kind === 'liveness-brake').map(({ message }) => message);

describe('the brake', () => {
  it('is off at first', async () => {
    const { store } = await withStore();
    expect(await store.brake.read()).toEqual({ onSince: null, offSince: null, offForMs: null, message: '', unheard: 0, watched: 0 });
  });

  it('is put on once, with one event, and says anew why while it is on', async () => {
    const { store } = await withStore();
    const held = await Promise.all([3, 3, 3].map((unheard) => store.brake.hold(reason(unheard), event('on'))));
    expect(held.filter(Boolean)).toHaveLength(1);
    const first = await store.brake.read();
    expect(await store.brake.hold(reason(4), event('on again'))).toBe(false);
    expect(await store.brake.read()).toEqual({ ...first, ...reason(4) });
    expect(await told(store)).toEqual(['on']);
  });

  it('is let go once, and every restart under way is forgotten, but nothing else', async () => {
    const { store } = await withStore();
    const nodes = await Promise.all(['a', 'b', 'c'].map((name) => store.nodes.add(nodeCreate(name))));
    const [a, b, c] = nodes.map(({ id }) => id) as [string, string, string];
    await store.agents.change([
      {
        nodeId: a,
        from: { state: 'normal', attempts: 0 },
        to: { state: 'restarting', attempts: 1, message: 'restart 1', nextTryInMs: 9000 },
      },
    ]);
    await store.agents.mark(b, 'stopped', 'by alice');
    await store.agents.mark(c, 'needs-attention', 'tried often enough');
    await store.brake.hold(reason(3), event('on'));
    const released = await Promise.all([1, 2, 3].map(() => store.brake.release(event('off'))));
    expect(released.filter(Boolean)).toHaveLength(1);
    expect(await told(store)).toEqual(['off', 'on']);
    const { onSince, offForMs, unheard } = await store.brake.read();
    expect({ onSince, unheard }).toEqual({ onSince: null, unheard: 0 });
    expect(offForMs).toBeGreaterThanOrEqual(0);
    expect(offForMs).toBeLessThan(10_000);
    const states = (await store.agents.subjects()).map(({ state, attempts, nextTryInMs }) => ({ state, attempts, nextTryInMs }));
    expect(states).toEqual([
      { state: 'normal', attempts: 0, nextTryInMs: null },
      { state: 'stopped', attempts: 0, nextTryInMs: null },
      { state: 'needs-attention', attempts: 0, nextTryInMs: null },
    ]);
  });

  it('is never let go while it is off', async () => {
    const { store } = await withStore();
    expect(await store.brake.release(event('off'))).toBe(false);
    expect((await store.brake.read()).offForMs).toBeNull();
    expect(await told(store)).toEqual([]);
  });

  it('is one row', async () => {
    const { connection } = await withStore();
    await query(connection, 'insert into liveness_brake default values');
    await expect(query(connection, 'insert into liveness_brake default values')).rejects.toThrow('duplicate key');
    await expect(query(connection, 'insert into liveness_brake (singleton) values (false)')).rejects.toThrow(
      'liveness_brake_singleton_check',
    );
  });
});
