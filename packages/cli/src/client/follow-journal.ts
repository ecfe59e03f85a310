import type { IncomingMessage } from 'node:http';
import { callUrl, JournalEnded, JournalLines, Problem, ProblemError, routes } from '@muster/api';
import { CliError } from '../cli-error.ts';
import { readBlocks } from './follow-events.ts';
import { openRequest, type Way } from './way.ts';

export type JournalCall = { readonly node: string; readonly unit: string; readonly lines: number };

/**
 * Follows a unit's journal until it ends; resolves with the reason then, in words.
 * @throws ProblemError when the server refuses; CliError when the server is gone
 */
export function followJournal(way: Way, { node, unit, lines }: JournalCall, onLines: (lines: JournalLines) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    const gone = (cause?: unknown) => reject(new CliError('The server is gone: the stream of the journal ended.', 1, { cause }));
    const path = callUrl(routes.readJournal, { params: { node, unit }, query: { lines } });
    const call = openRequest(way, { method: 'GET', path, headers: { accept: 'text/event-stream' } }, (response) => {
      response.on('error', gone);
      if (response.statusCode !== 200) return void refusal(response).then(reject, gone);
      response.on('end', () => gone());
      readBlocks(response, (block) => {
        try {
          const { event, data } = fieldsOf(block);
          if (event === 'end') resolve(JournalEnded.parse(JSON.parse(data)).reason);
          else if (data !== '') onLines(JournalLines.parse(JSON.parse(data)));
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

async function refusal(response: IncomingMessage): Promise<ProblemError> {
  let body = '';
  for await (const piece of response.setEncoding('utf8') as AsyncIterable<string>) body += piece;
  return new ProblemError(Problem.parse(JSON.parse(body)));
}

function fieldsOf(block: string): { readonly event: string; readonly data: string } {
  const of = (name: string): string =>
    block
      .split('\n')
      .find((line) => line.startsWith(`${name}: `))
      ?.slice(name.length + 2) ?? '';
  return { event: of('event'), data: of('data') };
}
