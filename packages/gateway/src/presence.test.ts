import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../test/fake-clock.ts';
import { type Connection, Presence } from './presence.ts';

const connection = (nodeId: string): Connection => ({ nodeId, send: () => undefined, close: () => undefined });

describe('presence', () => {
  let clock: FakeClock;
  let presence: Presence;
  beforeEach(() => {
    clock = new FakeClock();
    presence = new Presence(clock);
  });

  it('knows nothing of a node it never heard', () => {
    expect(presence.sinceHeardMs('a')).toBeNull();
    expect(presence.connectionOf('a')).toBeUndefined();
    presence.heard('a', 0);
    expect(presence.sinceHeardMs('a')).toBeNull();
    expect(presence.takeHeard(1000)).toEqual([]);
  });

  it('counts from the opening and from each heartbeat, by the monotonic clock', () => {
    presence.open(connection('a'));
    clock.pass(4000);
    expect(presence.sinceHeardMs('a')).toBe(4000);
    presence.heard('a', 250);
    clock.pass(1);
    expect(presence.sinceHeardMs('a')).toBe(1);
    expect(presence.takeHeard(1000)).toEqual([{ nodeId: 'a', clockSkewMs: 250 }]);
    expect(presence.takeHeard(1000)).toEqual([]);
  });

  it('gives the replaced connection back, and its end says nothing about the node', () => {
    const [first, second] = [connection('a'), connection('a')];
    expect(presence.open(first)).toBeUndefined();
    presence.heard('a', 70);
    expect(presence.open(second)).toBe(first);
    expect(presence.close(first)).toBe(false);
    expect(presence.connectionOf('a')).toBe(second);
    expect(presence.takeHeard(1000)).toEqual([{ nodeId: 'a', clockSkewMs: 70 }]);
    expect(presence.close(second)).toBe(true);
    expect(presence.connectionOf('a')).toBeUndefined();
    clock.pass(10);
    expect(presence.sinceHeardMs('a')).toBe(10);
  });

  it('takes back what could not be written, but never a node that is gone or was not heard in time', () => {
    for (const nodeId of ['a', 'b', 'c']) presence.open(connection(nodeId));
    const heard = presence.takeHeard(1000);
    presence.forget('b');
    presence.putBack(heard);
    clock.pass(2000);
    presence.heard('c', 0);
    expect(presence.takeHeard(1000).map((one) => one.nodeId)).toEqual(['c']);
    expect(presence.sinceHeardMs('b')).toBeNull();
    expect(presence.sinceHeardMs('a')).toBe(2000);
  });
});
