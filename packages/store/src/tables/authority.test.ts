import { withStore } from '@muster/testkit';
import { expect, it } from 'vitest';
import { query } from '../../test/builders.ts';
import { StoreRefused } from '../errors.ts';
import type { StoredAuthority } from './authority.ts';

const authority = (mark: number): StoredAuthority => ({
  root: { certificatePem: `root ${mark}`, sealedKey: Uint8Array.of(0, 255, mark) },
  intermediate: { certificatePem: `intermediate ${mark}`, sealedKey: Uint8Array.of(mark, 0) },
});

it('is absent at the first start, then what was saved first', async () => {
  const { store } = await withStore();
  expect(await store.authority.load()).toBeNull();
  expect(await store.authority.saveIfAbsent(authority(1))).toEqual(authority(1));
  expect(await store.authority.saveIfAbsent(authority(2))).toEqual(authority(1));
  expect(await store.authority.load()).toEqual(authority(1));
});

it('is the same for all servers that start at once', async () => {
  const { store } = await withStore();
  const kept = await Promise.all(Array.from({ length: 10 }, (_, mark) => store.authority.saveIfAbsent(authority(mark))));
  const loaded = await store.authority.load();
  for (const one of kept) expect(one).toEqual(loaded);
  expect(loaded?.root.certificatePem.slice(5)).toBe(loaded?.intermediate.certificatePem.slice(13));
});

it('is refused when half of it is lost', async () => {
  const { store, connection } = await withStore();
  await store.authority.saveIfAbsent(authority(1));
  await query(connection, "delete from authority where kind = 'intermediate'");
  await expect(store.authority.load()).rejects.toThrow(StoreRefused);
  await expect(store.authority.load()).rejects.toMatchObject({ code: 'authority-incomplete' });
});
