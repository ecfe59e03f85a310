import { join } from 'node:path';
import type { Event } from '@muster/api';
import type { Log } from '@muster/core';
import type { AuthorityFiles } from '../http/serve-authority.ts';
import { CertificateJournal } from '../trust/certificate-journal.ts';
import { certificateJournalName } from '../trust/journal-file.ts';
import { StartError } from '../start-error.ts';
import type { Shutdown } from '../shutdown.ts';
import { RevocationLists } from '../trust/revocation-lists.ts';
import type { Foundation } from './foundation.ts';

/** The side of the authority that is published, and what keeps it fresh. */
export type Trust = {
  readonly files: AuthorityFiles;
  /** Tells what happened. */
  apply(event: Event): void;
  /** Starts what goes round by itself. `onChanged`: authorities or own certificates have changed. */
  start(shutdown: Shutdown, onChanged: () => void): void;
};

/** @throws StartError where the journal of certificates cannot be used: without it a restore could bring back what was revoked */
export async function makeTrust({ store, authorities, clock, log, dataDir }: Foundation): Promise<Trust> {
  const journal = await openJournal(store, dataDir, log);
  const lists = new RevocationLists({ store, trusted: () => authorities.trusted(), clock, log });
  const files: AuthorityFiles = {
    rootsPem: () =>
      authorities
        .trusted()
        .map((one) => one.rootPem)
        .join(''),
    chainPem: () =>
      authorities
        .trusted()
        .map((one) => one.intermediatePem + one.rootPem)
        .join(''),
    crlPem: async () => {
      const all = authorities.trusted().map(async (one) => (await lists.of(one)).pem + authorities.rootCrlOf(one).pem);
      return (await Promise.all(all)).join('');
    },
    crlDer: async (generation) => {
      const [first, ...others] = authorities.trusted();
      const asked = generation === undefined ? first : [first, ...others].find((one) => one.generation === generation);
      return asked === undefined ? undefined : (await lists.of(asked)).der;
    },
  };
  return {
    files,
    apply: (event) => {
      lists.apply(event);
      journal.apply(event);
      if (event.kind !== 'authority-rotation') return;
      authorities
        .refresh()
        .catch((error: unknown) => log.warn({ error: String(error) }, 'the state of the authority could not be read; tried again soon'));
    },
    start: (shutdown, onChanged) => {
      journal.start();
      shutdown.add('journal of certificates', () => journal.stop());
      lists.start();
      shutdown.add('revocation lists', () => lists.stop());
      authorities.start(() => {
        void lists.remake();
        onChanged();
      });
      shutdown.add('authorities', () => authorities.stop());
    },
  };
}

async function openJournal(store: Foundation['store'], dataDir: string, log: Log): Promise<CertificateJournal> {
  const path = join(dataDir, certificateJournalName);
  const journal = new CertificateJournal({ store, path, log });
  await journal.open().catch((cause: unknown) => {
    if (!(cause instanceof Error && 'syscall' in cause)) throw cause;
    throw new StartError(`The journal of certificates ${path} cannot be used: ${cause.message}. Let the user who runs the server own it.`, {
      cause,
    });
  });
  return journal;
}
