import { apiPrefix, routes, type Session } from '@muster/api';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { JournalViewer, OpenJournal } from '@muster/gateway';
import type { JournalQuestion } from '../handlers/journal.ts';
import { allowed, checked, headersOf, type Identify } from './bind-routes.ts';
import type { JournalStreams } from './journal-stream.ts';

/** What following journals takes. */
export type JournalApp = {
  readonly streams: JournalStreams;
  /** @throws ProblemError */
  readonly open: (question: JournalQuestion, session: Session, viewer: JournalViewer) => Promise<OpenJournal>;
  /** Whether somebody may still read journals of a node. */
  readonly mayRead: (node: string, session: Session) => Promise<boolean>;
};

const { readJournal } = routes;

/** Whether a request is for a journal as it grows. */
export const wantsJournal = (request: FastifyRequest): boolean =>
  request.method === 'GET' &&
  request.routeOptions.url === apiPrefix + readJournal.path.replace(/\{(\w+)\}/gu, ':$1') &&
  (request.headers.accept ?? '').includes('text/event-stream');

/** Answers with a journal as a stream of events, with the checks that its route has. @throws ProblemError before anything was sent */
export async function watchJournal(
  request: FastifyRequest,
  reply: FastifyReply,
  { identify, journals, headers }: { readonly identify: Identify; readonly journals: JournalApp; readonly headers: object },
): Promise<void> {
  const who = async () => identify(request, headersOf(request));
  const session = allowed(readJournal, await who());
  const { node, unit } = checked(readJournal.params, request.params, 'path');
  const { lines } = checked(readJournal.query, request.query, 'query');
  await journals.streams.follow({
    open: (viewer) => journals.open({ node, unit, lines, follow: true }, session, viewer),
    mayStay: async () => {
      const now = await who();
      return now !== undefined && (await journals.mayRead(node, now));
    },
    respond: () => {
      reply.hijack();
      // Headers that hooks have set stay behind with the reply that was hijacked.
      for (const [name, value] of Object.entries(headers)) reply.raw.setHeader(name, String(value));
      return reply.raw;
    },
  });
}
