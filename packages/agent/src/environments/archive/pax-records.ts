import { broken, decodeName } from './tar-header.ts';

/** What an extended header (POSIX.1-2001, type `x`) says about the next entry; of all its keys those that matter here. */
export type PaxRecords = { path?: string; link?: string; size?: number; sparse?: boolean };

/** Reads `LENGTH KEY=VALUE\n` records. @throws EnvironmentError */
export function readPaxRecords(body: Buffer): PaxRecords {
  const records: PaxRecords = {};
  let at = 0;
  while (at < body.length) {
    const blank = body.indexOf(0x20, at);
    const length = Number(body.toString('latin1', at, blank));
    if (blank === -1 || blank - at > 10 || !Number.isInteger(length) || length <= blank - at + 1 || at + length > body.length)
      throw broken('an extended header cannot be read');
    const record = body.subarray(blank + 1, at + length - 1);
    const equals = record.indexOf(0x3d);
    if (equals === -1) throw broken('an extended header has no value');
    keep(records, record.toString('latin1', 0, equals), record.subarray(equals + 1));
    at += length;
  }
  return records;
}

function keep(records: PaxRecords, key: string, value: Buffer): void {
  if (key === 'path') records.path = decodeName(value);
  else if (key === 'linkpath') records.link = decodeName(value);
  else if (key === 'size') records.size = sizeOf(value.toString('latin1'));
  else if (key.startsWith('GNU.sparse.')) records.sparse = true;
}

function sizeOf(text: string): number {
  const size = Number(text);
  if (!/^\d{1,16}$/u.test(text) || !Number.isSafeInteger(size)) throw broken('an extended header has a size that is none');
  return size;
}
