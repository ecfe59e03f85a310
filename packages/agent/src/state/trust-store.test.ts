import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Crash, crashingFiles } from '../../test/enrolled-node.ts';
import { makeFakeAuthority } from '../../test/fake-authority.ts';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import { TrustStore } from './trust-store.ts';

const [first, second] = [(await makeFakeAuthority()).authority, (await makeFakeAuthority()).authority];

describe('the roots that were told', () => {
  it('are kept, each once, and forgotten', async () => {
    const store = new TrustStore(temporaryFolder());
    expect(await store.read()).toEqual([]);
    const kept = await store.keep(first.rootPem + second.rootPem + first.rootPem);
    expect(kept.map((one) => one.fingerprint)).toEqual([first.fingerprint, second.fingerprint]);
    expect(await store.read()).toEqual(kept);
    await store.forget();
    await store.forget();
    expect(await store.read()).toEqual([]);
  });

  it.each([
    ['nothing', ''],
    ['no PEM', 'trust me'],
    ['an intermediate', first.intermediatePem],
    ['a damaged one', first.rootPem.replace(/[A-Za-z]{10}/u, 'AAAAAAAAAA')],
  ])('are not replaced by %s', async (_what, pem) => {
    const store = new TrustStore(temporaryFolder());
    await store.keep(first.rootPem);
    await expect(store.keep(pem)).rejects.toThrow();
    expect((await store.read()).map((one) => one.fingerprint)).toEqual([first.fingerprint]);
  });

  it('are not more than a few', async () => {
    const many = await Promise.all(Array.from({ length: 5 }, () => makeFakeAuthority()));
    await expect(new TrustStore(temporaryFolder()).keep(many.map((one) => one.authority.rootPem).join(''))).rejects.toThrow(/5 roots/u);
  });

  it('that are damaged count as none: the server tells them again', async () => {
    const folder = temporaryFolder();
    const store = new TrustStore(folder);
    await store.keep(first.rootPem);
    writeFileSync(join(folder, 'roots.pem'), readFileSync(join(folder, 'roots.pem'), 'utf8').slice(0, 200));
    expect(await store.read()).toEqual([]);
  });

  it.each(['before', 'after'] as const)('survive a crash %s they are written', async (when) => {
    const folder = temporaryFolder();
    await new TrustStore(folder).keep(first.rootPem);
    await expect(new TrustStore(folder, crashingFiles(1, when).files).keep(second.rootPem)).rejects.toThrow(Crash);
    expect((await new TrustStore(folder).read()).map((one) => one.fingerprint)).toEqual([
      when === 'before' ? first.fingerprint : second.fingerprint,
    ]);
  });
});
