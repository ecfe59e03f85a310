import { type JournalLine, type JournalLines, problem, type Session } from '@muster/api';
import { refusalOf } from '@muster/core';
import type { JournalPort, JournalViewer, JournalWish, OpenJournal } from '@muster/gateway';
import type { Store } from '@muster/store';
import type { Handlers } from '../http/handlers.ts';
import type { JournalsElsewhere } from '../members/journals-elsewhere.ts';
import { refuseNodes } from './refuse-nodes.ts';

export type JournalHandlerParts = {
  readonly store: Pick<Store, 'nodes'>;
  readonly journals: JournalPort;
  /** The journals of nodes that are connected to other servers; undefined where those are not asked. */
  readonly journalsElsewhere?: Pick<JournalsElsewhere, 'open'>;
};

/** What was asked for: the node by id or name. */
export type JournalQuestion = Omit<JournalWish, 'nodeId'> & { readonly node: string };

/** How long an agent may take to read what was asked of the past. */
const readLimitMs = 20_000;

export function journalHandlers(parts: JournalHandlerParts): Pick<Handlers, 'readJournal'> {
  return {
    readJournal: ({ params, query, session }) =>
      readJournal(parts, { node: params.node, unit: params.unit, lines: query.lines, follow: false }, session),
  };
}

/**
 * Opens a journal for somebody who may read it: what services write down may be meant for few eyes.
 * @throws ProblemError `not-found`, `not-allowed`, `node-unavailable` or `too-many-requests`; nothing is open then
 */
export async function openJournal(
  { store, journals, journalsElsewhere }: JournalHandlerParts,
  { node: name, ...wish }: JournalQuestion,
  session: Session | undefined,
  viewer: JournalViewer,
): Promise<OpenJournal> {
  const node = await store.nodes.get(name);
  refuseNodes(session, 'read-journal', [node]);
  const opened = journals.open({ ...wish, nodeId: node.id }, viewer);
  if (opened === 'too-many')
    throw problem('too-many-requests', 'Too many journals are being read through this server. Close one, then try again.');
  if (opened !== 'not-connected') return opened;
  const elsewhere = session && (await journalsElsewhere?.open(node, wish, session, viewer));
  if (elsewhere !== undefined) return elsewhere;
  throw problem(
    'node-unavailable',
    `The agent of ${node.name} is not connected to this server, so its journal cannot be read from here. On the host: journalctl -u ${wish.unit}`,
  );
}

/** Whether somebody may still read journals of a node. @throws the errors of the store */
export async function mayReadJournal({ store }: JournalHandlerParts, node: string, session: Session): Promise<boolean> {
  return refusalOf(session, 'read-journal', await store.nodes.get(node)) === undefined;
}

/** Everything that was asked of the past, at once. */
async function readJournal(parts: JournalHandlerParts, question: JournalQuestion, session: Session | undefined): Promise<JournalLines> {
  const lines: JournalLine[] = [];
  let dropped = 0;
  const ended = Promise.withResolvers<string>();
  const opened = await openJournal(parts, question, session, {
    onLines: (more, left) => {
      lines.push(...more);
      dropped += left;
    },
    onEnd: ended.resolve,
  });
  const late = setTimeout(() => ended.resolve(`its agent did not answer within ${readLimitMs / 1000} s`), readLimitMs);
  const reason = await ended.promise;
  clearTimeout(late);
  opened.close();
  if (reason !== '' && lines.length === 0)
    throw problem('node-unavailable', `The journal of ${question.unit} on ${question.node} cannot be read: ${reason}.`);
  return { lines, dropped };
}
