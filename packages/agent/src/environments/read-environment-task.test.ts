import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readEnvironmentTask } from './read-environment-task.ts';

const artifact = { sha256: 'a'.repeat(64), name: 'ml.tar.gz', sizeBytes: 10 };
const ensure = {
  kind: 'environment',
  action: 'ensure',
  name: 'ml',
  version: 3,
  definitionSha256: 'b'.repeat(64),
  recipe: { kind: 'archive' },
  artifacts: [artifact],
  maxUnpackedBytes: 1000,
};

describe('what a server asks about environments', () => {
  it.each([
    ensure,
    { ...ensure, artifacts: [], recipe: { kind: 'conda', environmentYml: 'dependencies: [a]' } },
    { ...ensure, recipe: { kind: 'venv', requirements: 'x==1', python: '/usr/bin/python3.11' } },
    { kind: 'environment', action: 'remove', name: 'ml', force: true },
  ])('is read as it was sent: %j', (work) => expect(readEnvironmentTask(work)).toEqual(work));

  it('may have members of a later version', () => expect(readEnvironmentTask({ ...ensure, later: 1 })).toEqual(ensure));

  it.each([
    { kind: 'exec' },
    { action: 'explode' },
    { name: '../etc' },
    { name: '.cache' },
    { name: 'a/b' },
    { name: '' },
    { name: 'A' },
    { name: 'x'.repeat(64) },
    { name: 'ml\n' },
    { version: 0 },
    { version: 1.5 },
    { version: '3' },
    { definitionSha256: 'short' },
    { maxUnpackedBytes: -1 },
    { artifacts: 'none' },
    { artifacts: [{ ...artifact, name: '../x' }] },
    { artifacts: [{ ...artifact, name: 'a/b' }] },
    { artifacts: [{ ...artifact, sha256: 'A'.repeat(64) }] },
    { artifacts: [{ ...artifact, sizeBytes: 0 }] },
    { artifacts: [null] },
    { recipe: null },
    { recipe: { kind: 'docker' } },
    { recipe: { kind: 'conda' } },
    { recipe: { kind: 'venv', requirements: 'x==1', python: 'python3; id' } },
    { recipe: { kind: 'venv', requirements: 'x==1', python: '../python3' } },
    { recipe: { kind: 'venv', requirements: 'x==1', python: 'bash' } },
  ])('is not understood with %j', (change) => expect(readEnvironmentTask({ ...ensure, ...change })).toBeUndefined());

  it('is never an exception', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(() => readEnvironmentTask(value)).not.toThrow();
      }),
    );
  });
});
