import { problem } from '@muster/api';
import { describe, expect, it } from 'vitest';
import { faultsOfError, groupsOf, labelsOf, newNodeOf, noFields } from './new-node.ts';

const fields = (change: Partial<typeof noFields>) => ({ ...noFields, name: 'web1', privateIp: '10.0.0.1', ...change });
const faults = (change: Partial<typeof noFields>) => {
  const made = newNodeOf(fields(change));
  return 'faults' in made ? Object.keys(made.faults) : [];
};

describe('a new node', () => {
  it('is made of what was filled in', () => {
    expect(newNodeOf(fields({ name: ' web1 ', publicIp: '2001:db8::1', groups: 'worker, gpu worker', labels: 'rack=a\nnote' }))).toEqual({
      node: {
        name: 'web1',
        privateIp: '10.0.0.1',
        publicIp: '2001:db8::1',
        groups: ['worker', 'gpu'],
        labels: { rack: 'a', note: '' },
        environments: 'on',
        notes: '',
      },
    });
  });

  it.each([
    [{ name: '' }, ['name']],
    [{ name: '-web' }, ['name']],
    [{ name: 'all' }, ['name']],
    [{ name: '<b>' }, ['name']],
    [{ privateIp: '' }, ['privateIp']],
    [{ privateIp: '10.0.0.256' }, ['privateIp']],
    [{ publicIp: 'example.org' }, ['publicIp']],
    [{ groups: 'a/b' }, ['groups']],
    [{ labels: '=x' }, ['labels']],
    [{ name: '', publicIp: 'x' }, ['name', 'publicIp']],
  ])('with %o is wrong in %o', (change, wrong) => expect(faults(change)).toEqual(wrong));

  it('says what is wrong in a sentence', () => {
    const made = newNodeOf(fields({ privateIp: 'x' }));
    expect('faults' in made ? made.faults.privateIp : '').toBe('Not an IPv4 or IPv6 address.');
  });
});

it('reads groups and labels', () => {
  expect(groupsOf(' a,b  c,,')).toEqual(['a', 'b', 'c']);
  expect(labelsOf('a = b=c, d')).toEqual({ a: 'b=c', d: '' });
  expect(labelsOf('')).toEqual({});
});

describe('an error of the server', () => {
  it.each([
    [problem('node-exists', 'There is a node "web1" already.'), { name: 'There is a node "web1" already.' }],
    [problem('address-taken', 'It belongs to web2.'), { privateIp: 'It belongs to web2.' }],
    [problem('address-taken', 'It belongs to web2.', [{ path: 'publicIp', message: 'taken' }]), { publicIp: 'It belongs to web2.' }],
    [problem('invalid-request', 'x', [{ path: 'labels.rack', message: 'too long' }]), { labels: 'Too long.' }],
    [problem('not-allowed', 'x'), {}],
    [new Error('x'), {}],
  ])('%o stands at its field', (error, expected) => expect(faultsOfError(error)).toEqual(expected));
});
