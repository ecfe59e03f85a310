import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CertificateJournalTable, JournalledCertificate } from '@muster/store';
import { KeptLog } from '@muster/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CertificateJournal } from './certificate-journal.ts';
import { appendToJournal, readJournal } from './journal-file.ts';

let folder = '';
let path = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-journal-'));
  path = join(folder, 'certificates.journal');
});
afterEach(() => rm(folder, { recursive: true }));

const certificate = (serial: string, revokedAt: string | null = null): JournalledCertificate => ({
  serial,
  rootSha256: 'a1',
  nodeId: '00000000-0000-4000-8000-000000000001',
  nodeName: 'web1',
  fingerprint: 'f1',
  spkiSha256: 'b1',
  notBefore: '2026-11-26T08:00:00.000Z',
  notAfter: '2027-11-26T08:00:00.000Z',
  issuedAt: '2026-11-26T08:00:00.000Z',
  revokedAt,
  reason: revokedAt === null ? null : 'key-compromise',
});
const later = '2026-11-27T08:00:00.000Z';

async function read() {
  const reading = readJournal(path);
  const entries: JournalledCertificate[] = [];
  for await (const some of reading.entries) entries.push(...some);
  return { entries, damaged: reading.damagedLines() };
}

describe('the file of the journal', () => {
  it('gives back what was added, and is for its owner only', async () => {
    await appendToJournal(path, [certificate('s1')]);
    await appendToJournal(path, [certificate('s2', later), certificate('s3')]);
    expect(await read()).toEqual({ entries: [certificate('s1'), certificate('s2', later), certificate('s3')], damaged: 0 });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('that is not there is empty, and any other that cannot be read is an error', async () => {
    expect(await read()).toEqual({ entries: [], damaged: 0 });
    path = folder;
    await expect(read()).rejects.toThrow('EISDIR');
  });

  it('loses no other line to one that was broken off or is none', async () => {
    await appendToJournal(path, [certificate('s1')]);
    await appendFile(path, '{"serial":"s2","rootSha');
    await appendToJournal(path, [certificate('s3')]);
    await appendFile(path, 'rubbish\n{}\n');
    await appendToJournal(path, [certificate('s4')]);
    expect(await read()).toEqual({ entries: [certificate('s1'), certificate('s3'), certificate('s4')], damaged: 3 });
  });
});

/** A database that knows these certificates, and remembers what it was told. */
class FakeTable implements CertificateJournalTable {
  known: JournalledCertificate[] = [];
  merged: JournalledCertificate[] = [];

  issuedAfter(after: number, limit: number) {
    const numbered = this.known.map((one, index) => ({ ...one, issueNumber: index + 1 }));
    return Promise.resolve(numbered.filter(({ issueNumber }) => issueNumber > after).slice(0, limit));
  }

  revokedWithin() {
    return Promise.resolve(this.known.filter(({ revokedAt }) => revokedAt !== null));
  }

  async merge(entries: () => AsyncIterable<readonly JournalledCertificate[]>) {
    for await (const some of entries()) this.merged.push(...some);
    return { revoked: [], known: [] };
  }
}

const journalOf = (table: FakeTable) => new CertificateJournal({ store: { certificateJournal: table }, path, log: new KeptLog() });

describe('the journal of a server', () => {
  it('holds after each look what the database knows, each thing once', async () => {
    const table = new FakeTable();
    table.known = [certificate('s1'), certificate('s2')];
    const journal = journalOf(table);
    await journal.open();
    await journal.look();
    table.known = [certificate('s1', later), certificate('s2'), certificate('s3')];
    await Promise.all([journal.look(), journal.look()]);
    await journal.stop();
    expect((await read()).entries).toEqual([certificate('s1'), certificate('s2'), certificate('s1', later), certificate('s3')]);
  });

  it('tells the database at the start what it knows, and goes on where it ended', async () => {
    await appendToJournal(path, [certificate('s1', later)]);
    const table = new FakeTable();
    table.known = [certificate('s1', later), certificate('s2')];
    await journalOf(table).open();
    expect(table.merged).toEqual([certificate('s1', later)]);
    expect((await read()).entries).toEqual([certificate('s1', later), certificate('s2')]);
  });

  it('never takes a revocation back', async () => {
    await appendToJournal(path, [certificate('s1', later)]);
    const table = new FakeTable();
    table.known = [certificate('s1')];
    const journal = journalOf(table);
    await journal.open();
    await journal.look();
    expect((await read()).entries).toEqual([certificate('s1', later)]);
  });

  it('is shortened when it holds much more than what still counts', async () => {
    await writeFile(path, `${JSON.stringify(certificate('old'))}\n`.repeat(10_100));
    const table = new FakeTable();
    table.known = [certificate('s1')];
    const journal = journalOf(table);
    await journal.open();
    expect((await readFile(path, 'utf8')).trim().split('\n')).toHaveLength(1);
    table.known.push(certificate('s2'));
    await journal.look();
    expect((await read()).entries).toEqual([certificate('s1'), certificate('s2')]);
  });

  it('that cannot be written now is written at the next look', async () => {
    const table = new FakeTable();
    const journal = journalOf(table);
    await journal.open();
    table.known = [certificate('s1')];
    table.issuedAfter = () => Promise.reject(new Error('the database is away'));
    await journal.look();
    table.issuedAfter = FakeTable.prototype.issuedAfter;
    await journal.look();
    expect((await read()).entries).toEqual([certificate('s1')]);
  });
});
