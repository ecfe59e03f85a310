import { callUrl, JournalEnded, JournalLines, Problem, ProblemError, routes } from '@muster/api';
import { useEffect, useState } from 'react';
import { createEventReader, type StreamMessage } from '../../live/read-event-stream.ts';
import { emptyJournal, withLines, type JournalBuffer } from './journal-buffer.ts';

/** How a journal stands: being opened, open, ended by the other side, or not to be had. */
export type JournalState =
  | { readonly kind: 'opening' }
  | { readonly kind: 'open' }
  | { readonly kind: 'ended'; readonly reason: string }
  | { readonly kind: 'failed'; readonly error: unknown };

const linesBefore = 200;

async function follow(
  node: string,
  unit: string,
  onMessage: (message: StreamMessage) => void,
  onOpen: () => void,
  signal: AbortSignal,
): Promise<void> {
  const url = callUrl(routes.readJournal, { params: { node, unit }, query: { lines: linesBefore } });
  const answer = await fetch(url, { headers: { accept: 'text/event-stream' }, cache: 'no-store', credentials: 'same-origin', signal });
  if (!answer.ok) throw new ProblemError(Problem.parse(await answer.json()));
  onOpen();
  const read = createEventReader();
  const pieces = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  for (let piece = await pieces?.read(); piece !== undefined && !piece.done; piece = await pieces?.read()) {
    for (const message of read(piece.value)) onMessage(message);
  }
}

/** Follows the journal of a unit for as long as the component is there; `again` opens it once more. */
export function useJournal(node: string, unit: string) {
  const [buffer, setBuffer] = useState<JournalBuffer>(emptyJournal);
  const [state, setState] = useState<JournalState>({ kind: 'opening' });
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    let reason = 'The connection ended.';
    const take = ({ event, data }: StreamMessage) => {
      if (event === 'end') reason = JournalEnded.parse(JSON.parse(data)).reason;
      else setBuffer((before) => withLines(before, JournalLines.parse(JSON.parse(data))));
    };
    follow(node, unit, take, () => setState({ kind: 'open' }), stop.signal).then(
      () => setState({ kind: 'ended', reason }),
      (error: unknown) => {
        if (!stop.signal.aborted) setState({ kind: 'failed', error });
      },
    );
    return () => stop.abort();
  }, [node, unit, attempt]);
  const again = () => {
    setBuffer(emptyJournal);
    setState({ kind: 'opening' });
    setAttempt(attempt + 1);
  };
  return { buffer, state, again };
}
