import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allOf, head, snapshotOf } from '../test/snapshot.ts';
import { CheckedRecords, countRows } from './checked-records.ts';
import { frameOf, maxPayloadBytes, readFrames } from './frames.ts';

async function* from(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}
const check = (pieces: readonly Uint8Array[]) => new CheckedRecords(from(pieces)).drain();
const whole = () => allOf(snapshotOf({ nodes: 'a\nb\n', empty: '' }));

describe('a snapshot', () => {
  it('is what it says, in whatever pieces it comes', async () => {
    const bytes = Buffer.concat(await whole());
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 400 }), async (size) => {
        const pieces = [];
        for (let at = 0; at < bytes.byteLength; at += size) pieces.push(bytes.subarray(at, at + size));
        expect(await check(pieces)).toMatchObject({
          head,
          rows: 2,
          bytes: 4,
          tables: [
            { name: 'nodes', rows: 2 },
            { name: 'empty', rows: 0 },
          ],
        });
      }),
    );
  });

  it('is refused with any record left out, doubled or moved', async () => {
    const records = await whole();
    for (const [index, record] of records.entries()) {
      const without = records.toSpliced(index, 1);
      await expect(check(without), `without record ${index}`).rejects.toMatchObject({ name: 'BackupError' });
      await expect(check(without.toSpliced((index + 2) % records.length, 0, record)), `record ${index} moved`).rejects.toMatchObject({
        name: 'BackupError',
      });
      await expect(check(records.toSpliced(index, 0, record)), `record ${index} doubled`).rejects.toMatchObject({ name: 'BackupError' });
    }
  });

  it('is refused with other rows than its digest says', async () => {
    const records = (await whole()).toSpliced(2, 1, frameOf({ kind: 'rows', value: Buffer.from('a\nc\n') }));
    await expect(check(records)).rejects.toThrow(/The table nodes does not hold/u);
  });

  it('is refused in a form that is not known, and when it is something else', async () => {
    const other = frameOf({ kind: 'head', value: { ...head, format: 2 } as never });
    await expect(check([other])).rejects.toMatchObject({ code: 'other-format' });
    await expect(check([Buffer.from('{"code":"not-allowed"}')])).rejects.toMatchObject({ code: 'damaged' });
    await expect(check([Buffer.from('X\0\0\0\0')])).rejects.toMatchObject({ code: 'damaged' });
  });

  it('never has to be held beyond one record of bounded length', async () => {
    const long = Buffer.from([0x52, 0xff, 0xff, 0xff, 0xff]);
    await expect(allOf(readFrames(from([long])))).rejects.toMatchObject({ code: 'damaged' });
    expect(() => frameOf({ kind: 'rows', value: Buffer.alloc(maxPayloadBytes + 1) })).toThrow(RangeError);
  });

  it('has as many rows as line feeds', () => {
    expect([countRows(Buffer.from('')), countRows(Buffer.from('a\\n\tb\n')), countRows(Buffer.from('\n\n'))]).toEqual([0, 1, 2]);
  });
});
