import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attemptOrder, FailedServers } from './server-order.ts';

const servers = ['a:1', 'b:1', 'c:1'];
const none: ReadonlySet<string> = new Set();

describe('the order in which servers are tried', () => {
  it('is as they are listed, the one that has just ended last', () => {
    expect(attemptOrder(servers, none, undefined)).toEqual(servers);
    expect(attemptOrder(servers, none, 'a:1')).toEqual(['b:1', 'c:1', 'a:1']);
    expect(attemptOrder(servers, none, 'b:1')).toEqual(['a:1', 'c:1', 'b:1']);
    expect(attemptOrder(['a:1'], none, 'a:1')).toEqual(['a:1']);
    expect(attemptOrder([], none, 'a:1')).toEqual([]);
  });

  it('puts those that failed lately behind the others, before the one that has just ended', () => {
    expect(attemptOrder(servers, new Set(['a:1']), undefined)).toEqual(['b:1', 'c:1', 'a:1']);
    expect(attemptOrder(servers, new Set(['a:1', 'c:1']), 'c:1')).toEqual(['b:1', 'a:1', 'c:1']);
  });

  it('always has every server, each once', () => {
    const name = fc.constantFrom('a:1', 'b:1', 'c:1', 'd:1');
    fc.assert(
      fc.property(fc.array(name), fc.array(name), fc.option(name, { nil: undefined }), (listed, failed, ended) => {
        const order = attemptOrder(listed, new Set(failed), ended);
        expect(order.toSorted()).toEqual([...new Set(listed)].toSorted());
        expect(ended === undefined || !listed.includes(ended) || order.at(-1) === ended).toBe(true);
      }),
    );
  });
});

describe('servers that failed', () => {
  it('are remembered for a minute, or until they work', () => {
    const failed = new FailedServers();
    failed.failed('a:1', 0);
    failed.failed('b:1', 30_000);
    expect([...failed.lately(59_999)]).toEqual(['a:1', 'b:1']);
    expect([...failed.lately(60_000)]).toEqual(['b:1']);
    failed.worked('b:1');
    expect([...failed.lately(60_001)]).toEqual([]);
  });

  it('are remembered anew when they fail again', () => {
    const failed = new FailedServers();
    failed.failed('a:1', 0);
    failed.failed('a:1', 50_000);
    expect([...failed.lately(100_000)]).toEqual(['a:1']);
  });
});
