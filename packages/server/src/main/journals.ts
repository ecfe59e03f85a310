import { mayReadJournal, openJournal } from '../handlers/journal.ts';
import { JournalStreams } from '../http/journal-stream.ts';
import type { JournalApp } from '../http/watch-journal.ts';
import type { JournalsElsewhere } from '../members/journals-elsewhere.ts';
import type { Fleet } from './fleet.ts';
import type { Foundation } from './foundation.ts';

/** The journals of nodes for people who follow them; without `journalsElsewhere` only of those that are connected here. */
export function makeJournals({ store, log }: Foundation, { gateway }: Fleet, journalsElsewhere?: JournalsElsewhere): JournalApp {
  const parts = { store, journals: gateway.journals, ...(journalsElsewhere && { journalsElsewhere }) };
  return {
    streams: new JournalStreams(log),
    open: (question, session, viewer) => openJournal(parts, question, session, viewer),
    mayRead: (node, session) => mayReadJournal(parts, node, session),
  };
}
