import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLiveStream, type EventSourceLike } from './live-stream.ts';

function setUp() {
  const sources: (EventSourceLike & { isClosed: boolean })[] = [];
  const onOpen = vi.fn();
  const onMessage = vi.fn();
  const open = () => {
    const source = {
      onopen: null,
      onmessage: null,
      onerror: null,
      isClosed: false,
      close: () => {
        source.isClosed = true;
      },
    } as EventSourceLike & { isClosed: boolean };
    sources.push(source);
    return source;
  };
  const stream = createLiveStream({ open, onOpen, onMessage, nowMs: Date.now });
  return { stream, sources, onOpen, onMessage, latest: () => sources.at(-1)! };
}

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('createLiveStream', () => {
  it('opens on resume, once, and hands on messages', () => {
    const { stream, sources, onOpen, onMessage, latest } = setUp();
    expect(stream.state().status).toBe('paused');
    stream.resume();
    stream.resume();
    expect(sources).toHaveLength(1);
    latest().onopen?.();
    latest().onmessage?.({ data: 'x' });
    expect(stream.state()).toEqual({ status: 'open', lostAtMs: null });
    expect(onOpen).toHaveBeenCalledTimes(1);
    expect(onMessage).toHaveBeenCalledWith('x');
  });

  it('comes back with growing delays, and remembers since when it is lost', () => {
    const { stream, sources, latest } = setUp();
    stream.resume();
    latest().onerror?.();
    expect(stream.state()).toEqual({ status: 'lost', lostAtMs: 1_000_000 });
    expect(latest().isClosed).toBe(true);
    for (const delayMs of [500, 1_000, 2_000, 4_000, 5_000, 5_000]) {
      const before = sources.length;
      vi.advanceTimersByTime(delayMs - 1);
      expect(sources).toHaveLength(before);
      vi.advanceTimersByTime(1);
      expect(sources).toHaveLength(before + 1);
      latest().onerror?.();
    }
    expect(stream.state().lostAtMs).toBe(1_000_000);
    vi.advanceTimersByTime(5_000);
    latest().onopen?.();
    expect(stream.state()).toEqual({ status: 'open', lostAtMs: null });
  });

  it('asks for everything anew whenever it is open again', () => {
    const { stream, onOpen, latest } = setUp();
    stream.resume();
    latest().onopen?.();
    latest().onerror?.();
    vi.advanceTimersByTime(500);
    latest().onopen?.();
    expect(onOpen).toHaveBeenCalledTimes(2);
  });

  it('holds no connection while paused, not even a later one', () => {
    const { stream, sources, latest } = setUp();
    stream.resume();
    latest().onerror?.();
    stream.pause();
    vi.advanceTimersByTime(60_000);
    expect(sources).toHaveLength(1);
    expect(stream.state()).toEqual({ status: 'paused', lostAtMs: null });
    stream.resume();
    expect(sources).toHaveLength(2);
    stream.pause();
    expect(latest().isClosed).toBe(true);
  });

  it('tells its listeners, until they leave', () => {
    const { stream, latest } = setUp();
    const listener = vi.fn();
    const leave = stream.subscribe(listener);
    stream.resume();
    latest().onopen?.();
    expect(listener).toHaveBeenCalledTimes(2);
    leave();
    stream.pause();
    expect(listener).toHaveBeenCalledTimes(2);
  });
});
