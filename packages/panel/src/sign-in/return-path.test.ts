import { describe, expect, it } from 'vitest';
import { returnPath, signInPath } from './return-path.ts';

it('leads back to where one was', () => {
  const path = signInPath('/sign-in', '/nodes?health=bad&sort=-cores');
  expect(path).toBe('/sign-in?next=%2Fnodes%3Fhealth%3Dbad%26sort%3D-cores');
  expect(returnPath(path.slice('/sign-in'.length), '/nodes')).toBe('/nodes?health=bad&sort=-cores');
  expect(signInPath('/sign-in', '/')).toBe('/sign-in');
});

describe('an address of another place', () => {
  it.each([
    '',
    '?next=',
    '?next=nodes',
    '?next=https://evil.example',
    '?next=//evil.example',
    '?next=/%5Cevil.example',
    '?next=/%09/evil.example',
    '?next=%5C%5Cevil.example',
    '?next=javascript:alert(1)',
    '?next=/sign-in',
    '?next=/sign-in?next=/sign-in',
  ])('is not followed: %s', (search) => expect(returnPath(search, '/nodes')).toBe('/nodes'));
});
