import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OutputCollector } from './output-collector.ts';

const chunks = fc.array(fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)));

test.each(['head', 'tail'] as const)('%s keeps that end of the output and says whether something was dropped', (keep) => {
  fc.assert(
    fc.property(chunks, fc.nat({ max: 60 }), (pushed, limitBytes) => {
      const collector = new OutputCollector(limitBytes, keep);
      pushed.forEach((chunk) => collector.push(chunk));
      const all = Buffer.concat(pushed);
      const kept = keep === 'head' ? all.subarray(0, limitBytes) : all.subarray(Math.max(0, all.length - limitBytes));
      expect(collector.bytes().equals(kept)).toBe(true);
      expect(collector.truncated).toBe(all.length > limitBytes);
    }),
  );
});

test('a long tail does not pile up in memory', () => {
  const collector = new OutputCollector(1000, 'tail');
  const before = process.memoryUsage().arrayBuffers;
  for (let index = 0; index < 200_000; index += 1) {
    collector.push(Buffer.alloc(1000));
  }
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(150_000_000);
  expect(collector.bytes().length).toBe(1000);
});
