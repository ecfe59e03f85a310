import type { IncomingMessage } from 'node:http';
import { apiPrefix, Event } from '@muster/api';
import { CliError } from '../cli-error.ts';
import { openRequest, type Way } from './way.ts';

/**
 * Reads the stream of events after the one of this id, until it ends.
 * @throws CliError always in the end: a stream that ends by itself means that the server is gone
 */
export function followEvents(way: Way, afterId: number, onEvent: (event: Event) => void): Promise<never> {
  return new Promise((_resolve, reject) => {
    const gone = (cause?: unknown) => reject(new CliError('The server is gone: the stream of events ended.', 1, { cause }));
    const headers = { accept: 'text/event-stream', 'last-event-id': String(afterId) };
    const call = openRequest(way, { method: 'GET', path: `${apiPrefix}/events`, headers }, (response) => {
      response.on('end', () => gone());
      response.on('error', gone);
      readBlocks(response, (block) => {
        try {
          const event = eventOf(block);
          if (event !== undefined) onEvent(event);
        } catch (cause) {
          call.destroy();
          gone(cause);
        }
      });
    });
    call.on('error', gone);
    call.end();
  });
}

/** The blocks of a stream, which an empty line ends. */
export function readBlocks(response: IncomingMessage, onBlock: (block: string) => void): void {
  let rest = '';
  response.setEncoding('utf8').on('data', (text: string) => {
    const blocks = (rest + text).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) onBlock(block);
  });
}

/** The event of a block; undefined for one that only keeps the connection alive. */
function eventOf(block: string): Event | undefined {
  const data = block.split('\n').find((line) => line.startsWith('data: '));
  return data === undefined ? undefined : Event.parse(JSON.parse(data.slice('data: '.length)));
}
