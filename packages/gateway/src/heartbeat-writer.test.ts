import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeClock } from '../test/fake-clock.ts';
import { keptLog } from '../test/kept-log.ts';
import { HeartbeatWriter } from './heartbeat-writer.ts';
import { type Heard, Presence } from './presence.ts';

function setUp() {
  const clock = new FakeClock();
  const presence = new Presence(clock);
  const { log, lines } = keptLog();
  const written: string[][] = [];
  const behaviour = { fail: false, wait: Promise.resolve() };
  const write = async (heard: readonly Heard[]) => {
    await behaviour.wait;
    if (behaviour.fail) throw new Error('away');
    written.push(heard.map((one) => one.nodeId));
  };
  const writer = new HeartbeatWriter({ presence, log, timeoutMs: () => 15_000, write });
  for (const nodeId of ['a', 'b']) presence.open({ nodeId, send: () => undefined, close: () => undefined });
  return { clock, presence, lines, written, behaviour, writer };
}

describe('the writer of heartbeats', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('writes all that was heard in a second with one statement, and nothing when nothing was heard', async () => {
    const { presence, written, writer } = setUp();
    writer.start();
    for (let i = 0; i < 100; i++) presence.heard('a', i);
    await vi.advanceTimersByTimeAsync(1000);
    expect(written).toEqual([['a', 'b']]);
    await vi.advanceTimersByTimeAsync(5000);
    expect(written).toHaveLength(1);
    await writer.stop();
    expect(written).toHaveLength(1);
  });

  it('does not start a statement while one is under way', async () => {
    const { presence, written, behaviour, writer } = setUp();
    const { promise, resolve } = Promise.withResolvers<void>();
    behaviour.wait = promise;
    writer.start();
    await vi.advanceTimersByTimeAsync(3500);
    presence.heard('b', 0);
    expect(written).toEqual([]);
    resolve();
    await vi.advanceTimersByTimeAsync(1000);
    expect(written).toEqual([['a', 'b'], ['b']]);
    await writer.stop();
  });

  it('keeps what it could not write, says so once, and never writes what is too old to be true', async () => {
    const { clock, presence, lines, written, behaviour, writer } = setUp();
    behaviour.fail = true;
    writer.start();
    await vi.advanceTimersByTimeAsync(3000);
    clock.pass(20_000);
    presence.heard('b', 0);
    behaviour.fail = false;
    await vi.advanceTimersByTimeAsync(1000);
    expect(written).toEqual([['b']]);
    expect(lines.map((line) => line.level)).toEqual(['warn', 'info']);
    await writer.stop();
  });

  it('writes the last heartbeats when it stops', async () => {
    const { written, writer } = setUp();
    await writer.stop();
    expect(written).toEqual([['a', 'b']]);
  });
});
