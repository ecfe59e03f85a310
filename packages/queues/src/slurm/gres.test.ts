import { describe, expect, it } from 'vitest';
import { readGres } from './gres.ts';

describe('generic resources', () => {
  it.each([
    ['', 0, []],
    ['(null)', 0, []],
    ['gpu', 1, []],
    ['gres:gpu:2', 2, []],
    ['gres/gpu:a100:2,gres/nic:1', 2, ['gpu:a100', 'nic']],
    ['gpu:2(S:0-1),gpu:tesla:1(S:0)', 3, ['gpu:tesla']],
    ['gres/gpu=4', 4, []],
    ['nic:0', 0, []],
  ])('%s', (text, gpus, words) => {
    expect(readGres(text)).toEqual({ gpus, words });
  });

  it.each(['gpu:2:3:4', '?', 'gpu:a b'])('are not guessed from %j', (text) => {
    expect(readGres(text)).toBeUndefined();
  });
});
