import { describe, expect, it } from 'vitest';
import { goodNode } from '../../../fake/fake-nodes.ts';
import { pageRows, pagesOf, rowAt, windowOf } from './node-window.ts';

const items = (count: number) => Array.from({ length: count }, (_, at) => goodNode(at + 1).node);
const list = (count: number, total: number) => ({ items: items(count), total });

describe('the pages of a span', () => {
  it.each([
    [{ first: 0, last: 0 }, [0]],
    [{ first: -8, last: 30 }, [0]],
    [{ first: 95, last: 130 }, [0, 1]],
    [{ first: 100, last: 100 }, [1]],
    [{ first: 50, last: -1 }, [0]],
  ])('%o stand on %o', (span, pages) => expect(pagesOf(span)).toEqual(pages));
});

describe('a window', () => {
  it('finds the row of each index it holds', () => {
    const window = windowOf('v', [0, 1], { lists: [list(100, 150), list(50, 150)], answeredAtMs: [1, 2] }, undefined);
    if (window === undefined) throw new Error('no window');
    expect(window.total).toBe(150);
    expect(rowAt(window, 0)?.node.name).toBe('worker-001.cluster.example.org');
    expect(rowAt(window, pageRows)).toMatchObject({ answeredAtMs: 2 });
    expect(rowAt(window, 150)).toBeUndefined();
    expect(rowAt(window, 5_000)).toBeUndefined();
  });

  it('takes the total from the newest answer', () => {
    expect(windowOf('v', [0, 1], { lists: [list(1, 7), list(1, 9)], answeredAtMs: [5, 4] }, undefined)?.total).toBe(7);
  });

  it('keeps the total while other rows of the same view are fetched, and nothing of another view', () => {
    const before = windowOf('v', [0], { lists: [list(100, 800)], answeredAtMs: [1] }, undefined);
    const jumped = windowOf('v', [7], { lists: [undefined], answeredAtMs: [0] }, before);
    expect(jumped?.total).toBe(800);
    expect(jumped === undefined ? null : rowAt(jumped, 0)).toBeUndefined();
    expect(windowOf('other', [0], { lists: [undefined], answeredAtMs: [0] }, before)).toBeUndefined();
  });

  it('is none before the first answer', () =>
    expect(windowOf('v', [0], { lists: [undefined], answeredAtMs: [0] }, undefined)).toBeUndefined());
});
