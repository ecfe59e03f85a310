import { withStore } from '@muster/testkit';
import { describe, expect, it } from 'vitest';
import { InventoryNotFound } from '../errors.ts';

const inventoryOf = (name: string, document = 'all: {}', by = 'ada') => ({
  name,
  document,
  // Not a real one: the store does not look.
  sha256: document.padEnd(64, '0'),
  hosts: 2,
  by,
});

describe('inventories that the server keeps', () => {
  it('are listed by name without their documents, and given with them', async () => {
    const { store } = await withStore();
    await store.inventories.save(inventoryOf('rack-b'));
    const saved = await store.inventories.save(inventoryOf('rack-a'));
    expect(saved).toMatchObject({ name: 'rack-a', version: 1, hosts: 2, savedBy: 'ada' });
    const list = await store.inventories.list();
    expect(list.map(({ name }) => name)).toEqual(['rack-a', 'rack-b']);
    expect(list[0]).toEqual(saved);
    expect(list[0]).not.toHaveProperty('document');
    expect(await store.inventories.get('rack-a')).toEqual({ ...saved, document: 'all: {}' });
  });

  it('count on with each save that changes something, and only then', async () => {
    const { store } = await withStore();
    const first = await store.inventories.save(inventoryOf('a'));
    expect(await store.inventories.save(inventoryOf('a', 'all: {}', 'eve'))).toEqual(first);
    expect(await store.inventories.save(inventoryOf('a', 'all: {hosts: {}}', 'eve'))).toMatchObject({ version: 2, savedBy: 'eve' });
    expect((await store.inventories.get('a')).document).toBe('all: {hosts: {}}');
  });

  it('are gone when they are removed, and that is said of one that is not there', async () => {
    const { store } = await withStore();
    await store.inventories.save(inventoryOf('a'));
    await store.inventories.remove('a');
    await expect(store.inventories.remove('a')).rejects.toBeInstanceOf(InventoryNotFound);
    await expect(store.inventories.get('a')).rejects.toThrow('muster inventory save a -i FILE');
  });
});
