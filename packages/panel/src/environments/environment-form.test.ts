import { problem } from '@muster/api';
import { describe, expect, it } from 'vitest';
import { emptyEnvironment, environmentFaultsOfError, environmentOf, fieldsOfDefinition } from './environment-form.ts';

const fields = (change: Partial<typeof emptyEnvironment>) => ({ ...emptyEnvironment, name: 'ml', requirements: 'numpy==1', ...change });
const faults = (change: Partial<typeof emptyEnvironment>) => {
  const made = environmentOf(fields(change));
  return 'faults' in made ? Object.keys(made.faults) : [];
};

describe('an environment', () => {
  it('is made of what its kind needs', () => {
    expect(environmentOf(fields({ selector: ' gpu ' }))).toEqual({
      body: {
        name: 'ml',
        description: '',
        selector: 'gpu',
        definition: { kind: 'venv', python: 'python3', requirements: 'numpy==1' },
      },
    });
    expect(environmentOf(fields({ kind: 'archive', sha256: ` ${'ab'.repeat(32)} ` }))).toMatchObject({
      body: { selector: null, definition: { kind: 'archive', sha256: 'ab'.repeat(32) } },
    });
    expect(environmentOf(fields({ kind: 'conda', environmentYml: 'name: x' }))).toMatchObject({ body: { definition: { kind: 'conda' } } });
  });

  it.each([
    [{ name: 'ML' }, ['name']],
    [{ requirements: '' }, ['requirements']],
    [{ python: '/bin/sh' }, ['python']],
    [{ kind: 'archive', sha256: 'x' }, ['sha256']],
    [{ kind: 'conda' }, ['environmentYml']],
  ] as const)('with %o is wrong in %o', (change, wrong) => expect(faults(change)).toEqual(wrong));

  it('can be changed from what it is', () => {
    expect(fieldsOfDefinition({ kind: 'conda', environmentYml: 'name: x' })).toMatchObject({ kind: 'conda', environmentYml: 'name: x' });
  });
});

it.each([
  [problem('environment-exists', 'There is one.'), { name: 'There is one.' }],
  [problem('invalid-request', 'x', [{ path: 'range', message: 'no such group' }]), { selector: 'No such group.' }],
  [
    problem('invalid-request', 'x', [{ path: 'definition.requirements', message: 'line 2 has no hash' }]),
    { requirements: 'Line 2 has no hash.' },
  ],
  [new Error('x'), {}],
])('%o stands at its field', (error, expected) => expect(environmentFaultsOfError(error)).toEqual(expected));
