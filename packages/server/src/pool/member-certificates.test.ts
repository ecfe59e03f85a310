import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority } from '@muster/trust';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/fake-clock.ts';
import { MemberCertificates } from './member-certificates.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-certificates-'));
});
afterEach(() => rm(folder, { recursive: true }));

const pemOf = async (name: string, now: string) => (await createAuthority({ name, now: new Date(now) })).intermediate.certificatePem;

describe('the certificates of a server', () => {
  it('are its own and that of its machine in the pool, looked at anew after half a minute', async () => {
    const clock = new FakeClock();
    let own = await pemOf('one', '2026-01-01T00:00:00Z');
    const poolFile = join(folder, 'member.pem');
    const certificates = new MemberCertificates({ serverChain: () => own, poolFile, clock });
    const [first, pool] = await certificates.current();
    expect(first).toMatchObject({ kind: 'server', expiresAt: expect.stringMatching(/^20\d\d-/u) as string });
    expect(pool).toEqual({ kind: 'pool', expiresAt: null });

    await writeFile(poolFile, own);
    own = await pemOf('two', '2027-01-01T00:00:00Z');
    expect(await certificates.current()).toEqual([first, pool]);
    clock.pass(30_000);
    const [renewed, there] = await certificates.current();
    expect(there).toEqual({ kind: 'pool', expiresAt: first?.expiresAt });
    expect(Date.parse(renewed?.expiresAt ?? '') - Date.parse(first?.expiresAt ?? '')).toBe(365 * 86_400_000);
  });

  it('are its own alone where the database is none of a pool', async () => {
    const certificates = new MemberCertificates({ serverChain: () => 'nonsense', poolFile: undefined, clock: new FakeClock() });
    expect(await certificates.current()).toEqual([{ kind: 'server', expiresAt: null }]);
  });
});
