import { expect, test } from 'vitest';
import { EndGate } from './end-gate.ts';

const MARK = 'muster-0011-end';

test("what stands before the end's line is output, byte for byte, wherever the pieces are cut", () => {
  const output = `text\nmuster-0011 muster-0011-en muster-00${MARK.slice(0, -1)}!\n\0 no newline`;
  const all = Buffer.from(`${output}${MARK} 42\nleft behind`);
  for (const size of [1, 2, 3, 7, 16, all.length]) {
    const gate = new EndGate(MARK);
    const pieces = Array.from({ length: Math.ceil(all.length / size) }, (_, index) => all.subarray(index * size, (index + 1) * size));
    expect(Buffer.concat(pieces.map((piece) => gate.push(piece))).toString()).toBe(output);
    expect(gate.status).toBe(42);
  }
});

test('without the line there is no status, and without a mark nothing is held back', () => {
  const gate = new EndGate(MARK);
  expect(gate.push(Buffer.from(`out${MARK} 4`)).toString()).toBe('out');
  expect(gate.status).toBeUndefined();
  expect(new EndGate(undefined).push(Buffer.from(`${MARK} 0\n`)).toString()).toBe(`${MARK} 0\n`);
});
