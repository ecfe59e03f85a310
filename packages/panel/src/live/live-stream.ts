/** State of the stream of events: `paused` while nobody looks at the page. */
export type StreamState = { readonly status: 'opening' | 'open' | 'lost' | 'paused'; readonly lostAtMs: number | null };

/** The part of `EventSource` that is used. */
export type EventSourceLike = {
  onopen: (() => void) | null;
  onmessage: ((message: { data: string }) => void) | null;
  onerror: (() => void) | null;
  close(): void;
};

export type LiveStreamOptions = {
  readonly open: () => EventSourceLike;
  /** Called whenever the stream is open again: whatever came before was missed. */
  readonly onOpen: () => void;
  readonly onMessage: (data: string) => void;
  readonly nowMs: () => number;
};

/** A stream of events that comes back by itself, and whose state can be watched. */
export type LiveStream = {
  state(): StreamState;
  subscribe(listener: () => void): () => void;
  /** Opens the stream, or does nothing when it is open already. */
  resume(): void;
  /** Closes the stream until `resume`: browsers allow few connections to a server, and hidden tabs would use them up. */
  pause(): void;
};

const firstDelayMs = 500;
const longestDelayMs = 5_000;

/**
 * An EventSource gives up for good when the server answers with an error status, so it is closed on any error and made anew,
 * with a delay that doubles up to five seconds.
 */
export function createLiveStream(options: LiveStreamOptions): LiveStream {
  const listeners = new Set<() => void>();
  let state: StreamState = { status: 'paused', lostAtMs: null };
  let source: EventSourceLike | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let delayMs = firstDelayMs;

  const become = (next: StreamState) => {
    state = next;
    for (const listener of listeners) listener();
  };
  const close = () => {
    clearTimeout(timer);
    timer = undefined;
    source?.close();
    source = null;
  };
  const connect = () => {
    timer = undefined;
    source = options.open();
    source.onopen = () => {
      delayMs = firstDelayMs;
      become({ status: 'open', lostAtMs: null });
      options.onOpen();
    };
    source.onmessage = (message) => options.onMessage(message.data);
    source.onerror = () => {
      close();
      timer = setTimeout(connect, delayMs);
      delayMs = Math.min(delayMs * 2, longestDelayMs);
      become({ status: 'lost', lostAtMs: state.lostAtMs ?? options.nowMs() });
    };
  };

  return {
    state: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    resume() {
      if (state.status !== 'paused') return;
      become({ status: 'opening', lostAtMs: null });
      connect();
    },
    pause() {
      close();
      delayMs = firstDelayMs;
      become({ status: 'paused', lostAtMs: null });
    },
  };
}
