import { expect, it } from 'vitest';
import { grantText } from './grant-text.ts';

it.each([
  [{ role: 'viewer', groups: null, mayExec: false }, ''],
  [{ role: 'operator', groups: null, mayExec: false }, 'on all nodes'],
  [{ role: 'operator', groups: ['a', 'b'], mayExec: true }, 'on nodes of a, b; may run commands'],
  [{ role: 'administrator', groups: [], mayExec: false }, 'on no node'],
] as const)('%o is "%s"', (grant, text) =>
  expect(grantText({ ...grant, groups: grant.groups === null ? null : [...grant.groups] })).toBe(text),
);
