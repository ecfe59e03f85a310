import { describe, expect, it } from 'vitest';
import { memoryFiles } from '../../test/inventory-fixtures.ts';
import { TaggedText } from './inventory-value.ts';
import { openedValue } from './opened-value.ts';
import { readInventory } from './read-inventory.ts';

const decrypt = (text: string) => (text.includes('6161') ? 'plain: 1' : undefined);

describe('encrypted values', () => {
  it('are opened where they stand, and only those that a password opens', () => {
    const [open, closed, unsafe] = [new TaggedText('vault', '6161'), new TaggedText('vault', '62'), new TaggedText('unsafe', '6161')];
    expect(openedValue([open, closed, new Map([['a', open]]), unsafe, 1, null], decrypt)).toEqual([
      'plain: 1',
      closed,
      new Map([['a', 'plain: 1']]),
      unsafe,
      1,
      null,
    ]);
  });

  const content = {
    hosts: 'h1',
    'group_vars/all.yml': '$ANSIBLE_VAULT;1.1;AES256\n6161\n',
    'host_vars/h1.yml': 'ansible_password: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6161\n',
  };
  const inventory = readInventory(['hosts'], { ...memoryFiles(content), decrypt });

  it('are used opened, and listed as they are written', () => {
    expect(inventory.connectionOf('h1').password).toBe('plain: 1');
    expect(Object.fromEntries(inventory.varsOf('h1'))).toEqual({ ansible_password: 'plain: 1', plain: 1 });
    expect(inventory.toAnsibleJson()).toContain('"__ansible_vault": "$ANSIBLE_VAULT;1.1;AES256\\n6161\\n"');
  });
});
