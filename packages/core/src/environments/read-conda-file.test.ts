import { describe, expect, it } from 'vitest';
import { condaFileProblem } from './read-conda-file.ts';

describe('an environment.yml', () => {
  it('is taken as conda writes it', () => {
    expect(
      condaFileProblem('name: ml\nchannels:\n  - conda-forge\ndependencies:\n  - python=3.11\n  - pip:\n      - requests\n'),
    ).toBeUndefined();
  });

  it.each([
    ['dependencies: [', /not valid YAML/u],
    ['*nothing', /not valid YAML: Unresolved alias/u],
    [
      `a: &a [x]\nb: &b [${'*a,'.repeat(50)}]\nc: &c [${'*b,'.repeat(50)}]\ndependencies: [${'*c,'.repeat(50)}]`,
      /not valid YAML: Excessive alias count/u,
    ],
    ['dependencies: [a]\ndependencies: [b]', /not valid YAML/u],
    ['- a', /keys and values/u],
    ['text', /keys and values/u],
    ['name: x', /no list of "dependencies"/u],
    ['dependencies: []', /no list of "dependencies"/u],
    ['dependencies: x', /no list of "dependencies"/u],
    ['dependencies: [a]\nprefix: /usr', /take that line out/u],
  ])('is not %j', (text, message) => expect(condaFileProblem(text)).toMatch(message));
});
