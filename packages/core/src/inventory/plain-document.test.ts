import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inventoryOf } from '../../test/inventory-fixtures.ts';
import { plainDocument } from './plain-document.ts';
import { textOf } from './inventory-value.ts';
import { readInventory } from './read-inventory.ts';
import type { Inventory } from './inventory.ts';

const readBack = (document: string): Inventory =>
  readInventory(['kept.yml'], { read: (path) => (path === 'kept.yml' ? document : undefined), list: () => undefined });

const ini = `
lone
[web]
web[1:2] ansible_host=10.0.0.1 version=1.0 on=yes port=8080
[db:children]
deep
[deep]
db1 ansible_user=ada ansible_ssh_private_key_file=~/.ssh/id ansible_become_password=hidden muster_transport=openssh
[all:vars]
my_iface=eth0
`;

describe('an inventory as one document', () => {
  const before = inventoryOf(ini, { 'group_vars/web.yml': 'host_files: [{path: /etc/a, content: "x\\n"}]\n' });
  const after = readBack(plainDocument(before));

  it('says of each host and group what the whole said, in the same order and of the same types', () => {
    expect(after.hosts).toEqual(before.hosts);
    for (const host of ['lone', 'web1', 'web2']) {
      expect(after.writtenVarsOf(host)).toEqual(before.writtenVarsOf(host));
      expect(after.groupsOf(host)).toEqual(before.groupsOf(host));
    }
    expect(after.groupsOf('db1')).toEqual(['db', 'deep']);
    expect(after.hostsInGroup('db')).toEqual(['db1']);
    expect(textOf(after.writtenVarsOf('web1').get('version'))).toBe('1.0');
  });

  it('leaves out how a person logs in, passwords among it', () => {
    expect([...after.writtenVarsOf('db1').keys()]).toEqual(['my_iface']);
    expect(plainDocument(before)).not.toContain('hidden');
  });

  it('is the same of itself', () => expect(plainDocument(after)).toBe(plainDocument(before)));

  it('has the way of whoever runs it in place of all others, the old names among them', () => {
    const old = inventoryOf('web1 ansible_ssh_host=1.1.1.1 ansible_ssh_port=22 ansible_host=2.2.2.2 a=1\nweb2 ansible_host=3.3.3.3\n');
    const way = new Map([['ansible_host', '10.0.0.1']]);
    const own = readBack(plainDocument(old, (host) => (host === 'web1' ? way : undefined)));
    expect(own.connectionOf('web1')).toEqual({ host: 'web1', address: '10.0.0.1' });
    expect(own.writtenVarsOf('web1').get('a')).toBe(1);
    expect(own.connectionOf('web2').address).toBe('3.3.3.3');
  });

  it('keeps whatever text a variable has', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const document = JSON.stringify({ all: { hosts: { web1: { note: text } } } });
        expect(
          readBack(plainDocument(readBack(document)))
            .writtenVarsOf('web1')
            .get('note'),
        ).toBe(text);
      }),
    );
  });
});
