import { describe, expect, it } from 'vitest';
import { foldResults, type ResultGroup } from './fold-results.ts';

const group = (names: readonly string[], output: string, rest: Partial<ResultGroup> = {}): ResultGroup => ({
  names,
  state: 'succeeded',
  exitStatus: 0,
  message: '',
  output,
  truncated: false,
  ...rest,
});

describe('folded results', () => {
  it('name the nodes as ranges', () => {
    expect(
      foldResults([group(['node1', 'node2', 'node3', 'web1'], 'ok'), group(['node4'], 'no', { state: 'failed', exitStatus: 3 })]),
    ).toEqual([
      { range: 'node[1-3],web1', count: 4, state: 'succeeded', exitStatus: 0, message: '', output: 'ok', truncated: false },
      { range: 'node4', count: 1, state: 'failed', exitStatus: 3, message: '', output: 'no', truncated: false },
    ]);
    expect(foldResults([])).toEqual([]);
  });

  it('are cut where there are too many different ones, and say so', () => {
    const many = Array.from({ length: 1000 }, (_, index) => group([`node${index}`], 'x'.repeat(262_144)));
    const folded = foldResults(many);
    expect(folded.reduce((sum, one) => sum + one.output.length, 0)).toBeLessThanOrEqual(8_388_608);
    expect(folded.every((one) => one.truncated && one.output.length > 8000)).toBe(true);
    expect(foldResults(many.slice(0, 10)).every((one) => !one.truncated)).toBe(true);
  });
});
