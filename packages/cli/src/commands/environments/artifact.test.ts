import type { Artifact } from '@muster/api';
import { describe, expect, it } from 'vitest';
import { findArtifact } from './artifact.ts';

const artifact = (name: string, digit: string): Artifact => ({
  sha256: `${digit.repeat(8)}${'0'.repeat(56)}`,
  name,
  sizeBytes: 1,
  addedAt: '',
  addedBy: '',
  usedBy: [],
});
const all = [artifact('ml.tar', 'a'), artifact('web.tar', 'b'), artifact('web.tar', 'c')];

describe('the artifact that is meant', () => {
  it('is found by its name, or by the beginning of its hash', () => {
    expect(findArtifact(all, 'ml.tar')).toBe(all[0]);
    expect(findArtifact(all, 'cccccccc')).toBe(all[2]);
  });

  it.each([
    ['web.tar', /names 2 artifacts\. Give more of the SHA-256/u],
    ['no.tar', /There is no artifact "no\.tar"/u],
    ['aaa', /There is no artifact/u],
    ['', /There is no artifact/u],
  ])('is not %j', (wanted, message) => expect(() => findArtifact(all, wanted)).toThrow(message));
});
