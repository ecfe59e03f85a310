import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JournalQueue } from './journal-queue.ts';

const entry = (text: string) => ({ at: null, text });
const fill = (queue: JournalQueue, from: number, count: number) => {
  for (let number = from; number < from + count; number += 1) queue.push(entry(String(number)));
};

describe('the queue of a journal', () => {
  it('gives the lines in order, as many as one message takes', () => {
    const queue = new JournalQueue();
    fill(queue, 0, 1200);
    expect([queue.take().lines.length, queue.take().lines.length, queue.take().lines.length]).toEqual([500, 500, 200]);
    expect(queue.isEmpty).toBe(true);
    expect(queue.take()).toEqual({ lines: [], dropped: 0 });
  });

  it('gives no more bytes at once than one message takes, but a line at least', () => {
    const queue = new JournalQueue();
    for (let number = 0; number < 40; number += 1) queue.push(entry('ä'.repeat(8000)));
    while (!queue.isEmpty) {
      const { lines, dropped } = queue.take();
      expect(lines.length + dropped).toBeGreaterThan(0);
      expect(JSON.stringify(lines).length).toBeLessThan(300_000);
    }
  });

  it('counts what it has no room for, and says so where it is missing', () => {
    const queue = new JournalQueue();
    fill(queue, 0, 2100);
    const first = queue.take();
    fill(queue, 5000, 10);
    const rest = [queue.take(), queue.take(), queue.take(), queue.take()];
    expect([first, ...rest].map(({ lines, dropped }) => [lines[0]?.text, lines.length, dropped])).toEqual([
      ['0', 500, 0],
      ['500', 500, 0],
      ['1000', 500, 0],
      ['1500', 500, 0],
      ['5000', 10, 100],
    ]);
  });

  it('is half full before it is full', () => {
    const queue = new JournalQueue();
    fill(queue, 0, 999);
    expect(queue.isHalfFull).toBe(false);
    fill(queue, 0, 1);
    expect(queue.isHalfFull).toBe(true);
  });

  it('loses no line uncounted, whatever comes and goes', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.nat(1500), fc.constant(-1)), { maxLength: 12 }), (steps) => {
        const queue = new JournalQueue();
        let [pushed, said] = [0, 0];
        const take = () => {
          const { lines, dropped } = queue.take();
          for (const [index, { text }] of lines.entries()) expect(Number(text)).toBe(said + dropped + index);
          said += dropped + lines.length;
        };
        for (const step of steps) {
          if (step < 0) take();
          else fill(queue, pushed, step);
          pushed += Math.max(0, step);
        }
        while (!queue.isEmpty) take();
        expect(said).toBe(pushed);
      }),
    );
  });
});
