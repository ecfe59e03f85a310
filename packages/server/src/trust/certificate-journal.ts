import type { Event, EventKind } from '@muster/api';
import type { Log } from '@muster/core';
import type { JournalledCertificate, Store } from '@muster/store';
import { appendToJournal, readJournal, rewriteJournal } from './journal-file.ts';

export type CertificateJournalParts = {
  readonly store: Pick<Store, 'certificateJournal'>;
  readonly path: string;
  readonly log: Log;
};

/** After these there are certificates that are new, or not accepted any more. */
const telling: ReadonlySet<EventKind> = new Set(['certificate-issued', 'certificate-revoked', 'node-removed', 'authority-rotation']);
const lookMs = 60_000;
/** What happens at once is written at once. */
const gatherMs = 200;
const pageSize = 1000;
/** Numbers are given out before they are seen: one from before the last may come later. */
const lateIssues = 1000;
/** Far more than lies between two looks. What a look misses the next start finds. */
const revokedWithinSeconds = 3600;
const spareLines = 10_000;

/**
 * What of certificates must outlive the database: which were issued, and which were revoked. Kept in a file beside it, so that a database that goes back to an
 * earlier state (a backup that is restored, a disk that is rolled back) cannot bring a revoked certificate back to life. Looks again and again at
 * what is, so it does not matter what was missed.
 */
export class CertificateJournal {
  readonly #parts: CertificateJournalParts;
  /** Serials in the file, and whether it has them as revoked. */
  readonly #written = new Map<string, boolean>();
  #lines = 0;
  #lastIssue = 0;
  #timer: NodeJS.Timeout | undefined;
  #soon: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #again = false;

  constructor(parts: CertificateJournalParts) {
    this.#parts = parts;
  }

  /**
   * Brings the database to what the file knows, and the file to what the database knows. Before anybody is let in.
   * @throws StoreUnavailable; the error of the file system where the file cannot be read or written
   */
  async open(): Promise<void> {
    const { store, path, log } = this.#parts;
    let reading = readJournal(path);
    const { revoked, known } = await store.certificateJournal.merge(() => {
      reading = readJournal(path);
      return this.#noted(reading.entries);
    });
    if (revoked.length > 0 || known.length > 0)
      log.warn(
        { revoked: revoked.length, known: known.length },
        'the database had forgotten certificates; they were taken from the journal',
      );
    if (reading.damagedLines() > 0)
      log.warn({ path, lines: reading.damagedLines() }, 'lines of the journal of certificates could not be read');
    for await (const page of this.#issuedAfter(0)) await this.#write(page);
    if (this.#lines > 2 * this.#written.size + spareLines) await this.#shorten();
  }

  /** Something happened that may belong into the journal. */
  apply({ kind }: Event): void {
    if (!telling.has(kind)) return;
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      void this.look();
    }, gatherMs);
  }

  start(): void {
    this.#timer = setInterval(() => void this.look(), lookMs);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    clearTimeout(this.#soon);
    await this.look();
  }

  /** Writes what is new. Never throws: the next look finds it as well. Resolves when what was there at the call is written. */
  look(): Promise<void> {
    if (this.#looking !== undefined) {
      this.#again = true;
      return this.#looking;
    }
    this.#looking = this.#lookAll().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #lookAll(): Promise<void> {
    const { store, log } = this.#parts;
    try {
      do {
        this.#again = false;
        for await (const page of this.#issuedAfter(Math.max(0, this.#lastIssue - lateIssues))) await this.#write(page);
        await this.#write(await store.certificateJournal.revokedWithin(revokedWithinSeconds));
      } while (this.#again);
    } catch (error) {
      log.warn({ error: String(error) }, 'the journal of certificates could not be written; tried again soon');
    }
  }

  async *#noted(entries: AsyncIterable<readonly JournalledCertificate[]>): AsyncGenerator<readonly JournalledCertificate[]> {
    this.#lines = 0;
    for await (const some of entries) {
      this.#lines += some.length;
      for (const { serial, revokedAt } of some) this.#written.set(serial, revokedAt !== null || this.#written.get(serial) === true);
      yield some;
    }
  }

  async #write(entries: readonly JournalledCertificate[]): Promise<void> {
    const fresh = new Map<string, JournalledCertificate>();
    for (const entry of entries) {
      const written = this.#written.get(entry.serial);
      if (written === undefined || (!written && entry.revokedAt !== null)) fresh.set(entry.serial, entry);
    }
    await appendToJournal(this.#parts.path, [...fresh.values()]);
    for (const { serial, revokedAt } of fresh.values()) this.#written.set(serial, revokedAt !== null);
    this.#lines += fresh.size;
  }

  async *#issuedAfter(issueNumber: number): AsyncGenerator<readonly JournalledCertificate[]> {
    for (let after = issueNumber; ;) {
      const page = await this.#parts.store.certificateJournal.issuedAfter(after, pageSize);
      after = page.at(-1)?.issueNumber ?? after;
      this.#lastIssue = Math.max(this.#lastIssue, after);
      yield page;
      if (page.length < pageSize) return;
    }
  }

  /** Leaves out what ended long ago, and what was said twice. */
  async #shorten(): Promise<void> {
    let lines = 0;
    const counted = async function* (pages: AsyncIterable<readonly JournalledCertificate[]>) {
      for await (const page of pages) {
        lines += page.length;
        yield page;
      }
    };
    await rewriteJournal(this.#parts.path, counted(this.#issuedAfter(0)));
    this.#lines = lines;
  }
}
