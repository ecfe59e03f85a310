import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MarkerGate } from './marker-gate.ts';

const MARKER = 'muster-0123456789ab';

/** Cuts a buffer at the given places. */
function pieces(data: Buffer, cuts: readonly number[]): Buffer[] {
  const at = [0, ...cuts.map((cut) => cut % (data.length + 1)).toSorted((a, b) => a - b), data.length];
  return at.slice(1).map((end, index) => data.subarray(at[index], end));
}

test("output is what stands after the marker's line, byte for byte, wherever the pieces are cut", () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array(), fc.array(fc.nat()), (noise, output, cuts) => {
      const gate = new MarkerGate(MARKER);
      const data = Buffer.concat([noise, Buffer.from(`${MARKER} 4711\n`), output]);
      const got = Buffer.concat(pieces(data, cuts).map((piece) => gate.push(piece)));
      expect(got.equals(Buffer.from(output))).toBe(true);
      expect(gate.pid).toBe(4711);
      expect(gate.noise).toBe(Buffer.from(noise).toString());
    }),
  );
});

test('without the marker all is noise, of which the last part is kept', () => {
  const gate = new MarkerGate(MARKER);
  for (let index = 0; index < 100; index += 1) {
    expect(gate.push(Buffer.alloc(10_000, 'x')).length).toBe(0);
  }
  gate.push(Buffer.from('the end'));
  expect(gate.pid).toBeUndefined();
  expect(gate.noise.length).toBe(65_536);
  expect(gate.noise.endsWith('the end')).toBe(true);
});

test('a second marker is output like any other', () => {
  const gate = new MarkerGate(MARKER);
  expect(gate.push(Buffer.from(`${MARKER} 1\n${MARKER} 2\n`)).toString()).toBe(`${MARKER} 2\n`);
  expect(gate.pid).toBe(1);
});

test('a mark in the noise is cut out once', () => {
  const gate = new MarkerGate(MARKER);
  gate.push(Buffer.from('lecture pro'));
  expect(gate.cut('prompt')).toBe(false);
  gate.push(Buffer.from('mpt'));
  expect(gate.cut('prompt')).toBe(true);
  expect(gate.cut('prompt')).toBe(false);
  expect(gate.push(Buffer.from(`${MARKER} 9\nout`)).toString()).toBe('out');
});
