import { BackupError } from './backup-error.ts';
import { type BackupRecord, type RecordKind, recordKinds } from './records.ts';

/** Letter and length (32 bits, big-endian) before each payload. */
const prefixBytes = 5;
/** No record is longer, so that a reader never has to hold more. */
export const maxPayloadBytes = 4 * 1024 * 1024;

const kindOfLetter = new Map(Object.entries(recordKinds).map(([kind, { letter }]) => [letter.charCodeAt(0), kind as RecordKind]));

/** A record as it is sent: letter, length, payload. */
export function frameOf(record: BackupRecord): Buffer {
  const payload = record.kind === 'rows' ? record.value : Buffer.from(JSON.stringify(record.value));
  if (payload.byteLength > maxPayloadBytes) throw new RangeError(`a record of ${payload.byteLength} bytes is too long`);
  const frame = Buffer.allocUnsafe(prefixBytes + payload.byteLength);
  frame[0] = recordKinds[record.kind].letter.charCodeAt(0);
  frame.writeUInt32BE(payload.byteLength, 1);
  frame.set(payload, prefixBytes);
  return frame;
}

/** Cuts a stream of bytes into records; what stands where is not looked at. @throws BackupError `damaged`, `incomplete` */
export async function* readFrames(source: AsyncIterable<Uint8Array>): AsyncGenerator<BackupRecord> {
  let rest = Buffer.alloc(0);
  for await (const piece of source) {
    rest = rest.byteLength === 0 ? Buffer.from(piece) : Buffer.concat([rest, piece]);
    let at = 0;
    while (rest.byteLength - at >= prefixBytes) {
      const length = lengthAt(rest, at);
      if (rest.byteLength - at < prefixBytes + length) break;
      const payload = rest.subarray(at + prefixBytes, at + prefixBytes + length);
      yield recordOf(rest[at] ?? 0, payload);
      at += prefixBytes + length;
    }
    rest = rest.subarray(at);
  }
  if (rest.byteLength > 0) throw new BackupError('incomplete', 'The snapshot breaks off in the middle of a record. Make the backup again.');
}

function lengthAt(bytes: Buffer, at: number): number {
  const length = bytes.readUInt32BE(at + 1);
  if (length > maxPayloadBytes) throw notOne();
  return length;
}

function recordOf(letter: number, payload: Buffer): BackupRecord {
  const kind = kindOfLetter.get(letter);
  if (kind === undefined) throw notOne();
  const { schema } = recordKinds[kind];
  if (schema === undefined) return { kind: 'rows', value: payload };
  try {
    return { kind, value: schema.parse(JSON.parse(payload.toString('utf8'))) } as BackupRecord;
  } catch (cause) {
    throw kind === 'head' ? otherFormat(cause) : notOne(cause);
  }
}

const notOne = (cause?: unknown): BackupError =>
  new BackupError('damaged', 'This is not the snapshot of a Muster server, or another version of it.', { cause });

const otherFormat = (cause: unknown): BackupError =>
  new BackupError(
    'other-format',
    'The snapshot was made by another version of Muster, in a form that this one cannot read. Use a newer Muster.',
    {
      cause,
    },
  );
