import { describe, expect, it } from 'vitest';
import { fakeEvent } from '../../fake/fake-nodes.ts';
import { eventPageSize, withNewest, withOlder } from './merge-events.ts';

/** Events with the ids from `high` down to `low`. */
const range = (high: number, low: number) => Array.from({ length: high - low + 1 }, (_, at) => fakeEvent(high - at));
const ids = (history: { items: readonly { id: number }[] }) => history.items.map(({ id }) => id);

describe('withNewest', () => {
  it('begins with the first page', () => {
    expect(withNewest(undefined, range(3, 1))).toMatchObject({ isComplete: true });
    expect(withNewest(undefined, range(eventPageSize, 1))).toMatchObject({ isComplete: false });
    expect(withNewest(undefined, [])).toEqual({ items: [], isComplete: true });
  });

  it('puts what is new on top and keeps older pages that were loaded', () => {
    const known = { items: range(100, 1), isComplete: true };
    const next = withNewest(known, range(103, 103 - eventPageSize + 1));
    expect(ids(next)).toEqual(range(103, 1).map(({ id }) => id));
    expect(next.isComplete).toBe(true);
  });

  it('changes nothing when nothing is new', () => {
    const known = { items: range(60, 1), isComplete: true };
    expect(ids(withNewest(known, range(60, 11)))).toEqual(ids(known));
  });

  it('begins anew rather than hide a hole', () => {
    const known = { items: range(10, 1), isComplete: true };
    const newest = range(500, 500 - eventPageSize + 1);
    expect(withNewest(known, newest)).toEqual({ items: newest, isComplete: false });
  });

  it('keeps a page that stays open for days from growing without end', () => {
    const known = { items: range(1_000, 1), isComplete: true };
    const next = withNewest(known, range(1_010, 961));
    expect(next.items).toHaveLength(1_000);
    expect(next.isComplete).toBe(false);
  });
});

describe('withOlder', () => {
  it('appends below and knows the end', () => {
    const known = { items: range(200, 101), isComplete: false };
    const more = withOlder(known, range(100, 51));
    expect(ids(more)).toEqual(range(200, 51).map(({ id }) => id));
    expect(more.isComplete).toBe(false);
    expect(withOlder(more, range(50, 41)).isComplete).toBe(true);
  });

  it('does not show an event twice', () => {
    const known = { items: range(20, 11), isComplete: false };
    expect(ids(withOlder(known, range(12, 9)))).toEqual(range(20, 9).map(({ id }) => id));
  });
});
