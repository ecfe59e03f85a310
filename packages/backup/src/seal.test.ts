import { createSecretKey, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allOf } from '../test/snapshot.ts';
import { chunkBytes, seal, unseal } from './seal.ts';

const key = { chunks: createSecretKey(Buffer.alloc(32, 7)) };
const sealedBytes = chunkBytes + 16;

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += size) yield bytes.subarray(at, at + size);
}
const all = async (source: AsyncIterable<Uint8Array>) => Buffer.concat(await allOf(source));
const sealed = (bytes: Uint8Array, size = 10_000) => all(seal(inPieces(bytes, size), key));
const opened = (bytes: Uint8Array, size = 10_000) => all(unseal(inPieces(bytes, size), key));

/** Lengths around the borders of chunks, where mistakes live. */
const lengths = fc.oneof(
  fc.integer({ min: 0, max: 300 }),
  fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: -2, max: 2 })).map(([n, by]) => Math.max(0, n * chunkBytes + by)),
);
const sizes = fc.constantFrom(1000, 4096, chunkBytes - 1, chunkBytes, chunkBytes + 1, sealedBytes, 3 * chunkBytes + 5);

describe('a stream in chunks', () => {
  it('is opened as it was sealed, however it comes in pieces', async () => {
    await fc.assert(
      fc.asyncProperty(lengths, sizes, sizes, async (length, one, other) => {
        const bytes = randomBytes(length);
        expect((await opened(await sealed(bytes, one), other)).equals(bytes)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('is refused with any bit turned', async () => {
    await fc.assert(
      fc.asyncProperty(lengths, fc.nat(), fc.integer({ min: 0, max: 7 }), async (length, place, bit) => {
        const whole = await sealed(randomBytes(length));
        const at = place % whole.byteLength;
        whole[at] = (whole[at] ?? 0) ^ (1 << bit);
        await expect(opened(whole)).rejects.toMatchObject({ code: 'damaged' });
      }),
      { numRuns: 60 },
    );
  });

  it('is refused when it was cut anywhere, also between two chunks', async () => {
    await fc.assert(
      fc.asyncProperty(lengths, fc.nat(), fc.boolean(), async (length, place, atBorder) => {
        const whole = await sealed(randomBytes(length));
        const cut = place % whole.byteLength;
        await expect(opened(whole.subarray(0, atBorder ? cut - (cut % sealedBytes) : cut))).rejects.toMatchObject({ code: 'damaged' });
      }),
      { numRuns: 60 },
    );
  });

  it('is refused when chunks were swapped, dropped, repeated or appended', async () => {
    const whole = await sealed(randomBytes(3 * chunkBytes + 10));
    const chunk = (index: number) => whole.subarray(index * sealedBytes, (index + 1) * sealedBytes);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 6 }), async (order) => {
        fc.pre(order.join() !== '0,1,2,3');
        await expect(opened(Buffer.concat(order.map(chunk)))).rejects.toMatchObject({ code: 'damaged' });
      }),
    );
  });

  it('is refused under another key, and never looks the same twice', async () => {
    const whole = await sealed(Buffer.from('secret'));
    const other = { chunks: createSecretKey(Buffer.alloc(32, 8)) };
    await expect(all(unseal(inPieces(whole, 100), other))).rejects.toMatchObject({ code: 'damaged' });
  });
});
