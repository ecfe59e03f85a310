import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printed } from '../../test/fake-stream.ts';
import { EntryLines, readEntry } from './journal-entries.ts';

const textOf = (message: unknown, rest: Record<string, unknown> = {}) => readEntry(printed(message, 1, rest))?.entry.text;

describe('an entry of the journal', () => {
  it('is its text, after whoever wrote it, with its moment and how to go on', () => {
    expect(readEntry(printed('Accepted publickey', 3))).toEqual({
      cursor: 'c3',
      entry: { at: '2026-01-01T00:00:00.000Z', text: 'sshd[7]: Accepted publickey' },
    });
  });

  it.each([
    ['bytes that are no text', [72, 105, 255], {}, 'sshd[7]: Hi\uFFFD'],
    ['several values', ['one', 'two'], {}, 'sshd[7]: one two'],
    ['nothing, because it is too long', null, {}, 'sshd[7]: (a message of more than 4096 bytes, not shown)'],
    ['a number', 7, {}, 'sshd[7]: '],
    ['no writer', 'x', { SYSLOG_IDENTIFIER: undefined, _PID: undefined }, 'x'],
    ['no process', 'x', { _PID: undefined }, 'sshd: x'],
    ['control characters, which whoever shows it makes visible', '\u001B[31mred', {}, 'sshd[7]: \u001B[31mred'],
    ['several lines', 'a\n\tat b', {}, 'sshd[7]: a\n\tat b'],
  ])('may hold %s', (_what, message, rest, text) => expect(textOf(message, rest)).toBe(text));

  it('is cut where it is longer than the protocol takes', () => {
    const text = textOf('x'.repeat(20_000)) ?? '';
    expect([text.length, text.at(-1)]).toEqual([8001, '…']);
  });

  it.each([
    [undefined, null],
    ['', null],
    ['-5', null],
    ['soon', null],
    [17, null],
    ['999999999999999999', null],
    ['253402300799000000', '9999-12-31T23:59:59.000Z'],
    ['0', '1970-01-01T00:00:00.000Z'],
  ])('of the time %j has the moment %j', (time, at) => {
    expect(readEntry(printed('x', 1, { __REALTIME_TIMESTAMP: time }))?.entry.at).toBe(at);
  });

  it.each(['', '{', 'null', '[]', '"text"', '-- No entries --'])('is not %j', (line) => expect(readEntry(line)).toBeUndefined());

  it('is never an exception, and never more than the protocol takes', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.dictionary(fc.string(), fc.jsonValue()).map((one) => JSON.stringify(one)),
        ),
        (line) => {
          const read = readEntry(line);
          expect(read?.entry.text.length ?? 0).toBeLessThanOrEqual(8192);
          expect(read?.entry.at ?? '2026-').toMatch(/^\d{4}-/u);
        },
      ),
    );
  });
});

describe('lines of output', () => {
  it('are the same, in whichever pieces they come', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ maxLength: 20 }).map((text) => `${text.replaceAll('\n', ' ')}äß€`)),
        fc.array(fc.nat(50)),
        (lines, cuts) => {
          const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
          const found = new EntryLines();
          const seen: string[] = [];
          let at = 0;
          for (const cut of [...cuts, bytes.length]) {
            seen.push(...found.push(bytes.subarray(at, at + cut)));
            at += cut;
          }
          expect(seen).toEqual(bytes.toString('utf8').split('\n').slice(0, -1));
        },
      ),
    );
  });

  it('are left out when they are beyond all measure, and those after them are not', () => {
    const lines = new EntryLines();
    for (let piece = 0; piece < 100; piece += 1) expect(lines.push(Buffer.alloc(65_536, 'x'))).toEqual([]);
    expect(lines.push(Buffer.from('\nnext\n'))).toEqual(['next']);
  });
});
