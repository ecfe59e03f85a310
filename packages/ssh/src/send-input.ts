import type { CommandChannel } from './link.ts';
/** Data for a command's standard input: as a whole, or piece by piece (a stream, a generator). */
export type CommandInput = string | Uint8Array | AsyncIterable<Uint8Array>;

/**
 * Writes the input to a channel and closes its standard input. Never holds more than the channel's window in memory: waits
 * for the host to take what was sent. Returns early, without an error, when `over` resolves: a command may end before it has
 * read everything. Rejects when the source does.
 */
export async function sendInput(channel: CommandChannel, input: CommandInput, over: Promise<unknown>): Promise<void> {
  let isOver = false;
  const ending = over.then(markOver, markOver);
  function markOver(): void {
    isOver = true;
  }
  for await (const chunk of chunksOf(input)) {
    if (isOver) {
      return;
    }
    if (!channel.write(chunk)) {
      await Promise.race([drained(channel), ending]);
    }
  }
  if (!isOver) {
    channel.end();
  }
}

/** ssh2 never calls back for a write on a channel that was closed, so waiting for `drain` alone could last forever. */
function drained(channel: CommandChannel): Promise<void> {
  return new Promise((resolve) => {
    channel.once('drain', resolve);
  });
}

async function* chunksOf(input: CommandInput): AsyncGenerator<Uint8Array> {
  if (typeof input === 'string') {
    yield Buffer.from(input);
  } else if (input instanceof Uint8Array) {
    yield input;
  } else {
    yield* input;
  }
}
