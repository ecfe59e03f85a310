import { apiPrefix } from '@muster/api';
import { useQueryClient } from '@tanstack/react-query';
import { createContext, use, useEffect, useState, useSyncExternalStore, type ReactNode } from 'react';
import { liveKey } from '../api/queries.ts';
import { coalesce } from './coalesce.ts';
import { createLiveStream, type EventSourceLike, type LiveStream, type StreamState } from './live-stream.ts';

const longestRefetchRateMs = 500;

const StreamContext = createContext<LiveStream | null>(null);

const openEventSource = (): EventSourceLike => {
  const source = new EventSource(`${apiPrefix}/events`);
  const like: EventSourceLike = { onopen: null, onmessage: null, onerror: null, close: () => source.close() };
  source.onopen = () => like.onopen?.();
  source.onmessage = (message: MessageEvent<string>) => like.onmessage?.(message);
  source.onerror = () => like.onerror?.();
  return like;
};

/** Keeps what is shown level with the server: each pushed event makes the data on screen be fetched anew. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const [{ stream, refetch }] = useState(() => {
    const refetchLive = () => client.invalidateQueries({ queryKey: [liveKey] });
    const coalesced = coalesce(refetchLive, longestRefetchRateMs);
    return {
      refetch: coalesced,
      stream: createLiveStream({ open: openEventSource, onOpen: () => void refetchLive(), onMessage: coalesced.trigger, nowMs: Date.now }),
    };
  });

  useEffect(() => {
    const follow = () => (document.visibilityState === 'visible' ? stream.resume() : stream.pause());
    follow();
    document.addEventListener('visibilitychange', follow);
    return () => {
      document.removeEventListener('visibilitychange', follow);
      stream.pause();
    };
  }, [stream, refetch]);

  return <StreamContext value={stream}>{children}</StreamContext>;
}

/** State of the stream of events. */
export function useStreamState(): StreamState {
  const stream = use(StreamContext);
  if (stream === null) throw new Error('useStreamState needs a LiveProvider above it');
  return useSyncExternalStore(stream.subscribe, stream.state);
}
