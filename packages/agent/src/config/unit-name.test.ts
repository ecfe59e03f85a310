import { describe, expect, it } from 'vitest';
import { isTemplate, isUnitPattern, problemOfUnitName } from './unit-name.ts';

describe('unit names', () => {
  it.each([
    'ssh.service',
    'getty@tty1.service',
    'slurm*.service',
    'a?.timer',
    'x[ab].socket',
    String.raw`dev-disk\x2d1.swap`,
    'a:b_c.target',
    'getty@*.service',
  ])('takes %s', (name) => expect(problemOfUnitName(name)).toBeUndefined());
  it.each([
    '',
    'ssh',
    '-H.service',
    '--host=evil.service',
    'ssh.service;id',
    'a b.service',
    'a/b.service',
    'ssh.services',
    '.service',
    'ssh.service\n',
    '$(id).service',
    'getty@.service',
    `${'x'.repeat(260)}.service`,
    'ü.service',
  ])('refuses %j', (name) => expect(problemOfUnitName(name)).toEqual(expect.any(String)));

  it('knows patterns and templates', () => {
    expect([isUnitPattern('a*.service'), isUnitPattern('a.service')]).toEqual([true, false]);
    expect([isTemplate('a@.service'), isTemplate('a@1.service')]).toEqual([true, false]);
  });
});
