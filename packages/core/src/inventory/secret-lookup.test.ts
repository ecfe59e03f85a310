import { describe, expect, it } from 'vitest';
import { failureOf, memoryFiles } from '../../test/inventory-fixtures.ts';
import { readInventory } from './read-inventory.ts';
import { secretPlace, type SecretPlace } from './secret-lookup.ts';

describe('secretPlace', () => {
  it.each([
    ['ansible_become_password', "{{ lookup('env', 'SUDO_PASS') }}", { kind: 'env', argument: 'SUDO_PASS' }],
    ['convect_token', '{{lookup("pipe","pass show cluster/token")}}', { kind: 'pipe', argument: 'pass show cluster/token' }],
    ['k3s_token', "{{ lookup('ansible.builtin.file', '/run/token') }}", { kind: 'file', argument: '/run/token' }],
  ])('%s=%s', (name, value, place) => expect(secretPlace(name, value)).toEqual(place));

  it.each([
    ['muster_labels', "{{ lookup('pipe', 'id') }}"],
    ['tokens_file', "{{ lookup('pipe', 'id') }}"],
    ['ansible_password', "x{{ lookup('env', 'A') }}"],
    ['ansible_password', "{{ lookup('url', 'http://x') }}"],
    ['ansible_password', "{{ lookup('env', 'A') | upper }}"],
    ['ansible_password', 5],
  ])('leaves %s=%s as it is', (name, value) => expect(secretPlace(name, value)).toBeUndefined());
});

describe('an inventory whose secrets are elsewhere', () => {
  const hosts = `h1 ansible_password="{{ lookup('env', 'PW') }}" muster_labels="{{ lookup('pipe', 'id') }}"\n`;
  const asked: SecretPlace[] = [];
  const lookUp = (place: SecretPlace) => {
    asked.push(place);
    if (place.argument !== 'PW') throw new Error('the environment has no such variable');
    return 's3cret';
  };
  const inventory = readInventory(['hosts'], { ...memoryFiles({ hosts }), lookUp });

  it('has them where they are used, and nowhere where it is listed', () => {
    expect(inventory.connectionOf('h1').password).toBe('s3cret');
    expect(inventory.toAnsibleJson()).not.toContain('s3cret');
    expect(asked.every(({ kind }) => kind === 'env')).toBe(true);
  });

  it('names host, variable and reason when there is nothing to be had', () => {
    const other = readInventory(['hosts'], { ...memoryFiles({ hosts: hosts.replace('PW', 'NO') }), lookUp });
    const failure = failureOf(() => other.connectionOf('h1'));
    expect(failure.message).toContain('host h1: ansible_password cannot be had: the environment has no such variable');
  });
});
