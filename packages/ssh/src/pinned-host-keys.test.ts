import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSshd, type TestSshd } from '../test/test-sshd.ts';
import { fingerprint, isSshError, openConnection, pinnedHostKeys } from './index.ts';
import { hostKeyLine } from './host-key.ts';

let sshd: TestSshd;
let other: TestSshd;
beforeAll(async () => {
  [sshd, other] = await Promise.all([startSshd({ hostKeyTypes: ['ed25519', 'ecdsa'] }), startSshd({ hostKeyTypes: ['ed25519'] })]);
});
afterAll(() => Promise.all([sshd.stop(), other.stop()]));

const login = async (keys: readonly string[]): Promise<string> => {
  const connection = await openConnection(sshd.target(), sshd.options({ hostKeys: pinnedHostKeys(keys) }));
  await connection.close();
  return connection.hostKey;
};

describe('a host with pinned keys', () => {
  test.each(['ed25519', 'ecdsa'])('is known by its %s key, whichever others it has', async (type) => {
    const line = hostKeyLine(await sshd.hostKey(type));
    expect(await login([line])).toBe(line);
  });

  test('is known by any one of them', async () => {
    const lines = [hostKeyLine(await sshd.hostKey('ecdsa')), hostKeyLine(await sshd.hostKey('ed25519'))];
    expect(lines).toContain(await login(lines));
  });

  test('that shows another key is refused, with both fingerprints and what to do', async () => {
    const pinned = await other.hostKey();
    const error = await login([hostKeyLine(pinned)]).catch((cause: unknown) => cause);
    expect(isSshError(error, 'hostKeyChanged')).toBe(true);
    expect(String(error)).toContain(fingerprint(pinned));
    expect(String(error)).toContain(fingerprint(await sshd.hostKey()));
    expect(String(error)).toContain('run `muster apply` for it');
  });

  test.each([[[]], [['']], [['ssh-ed25519']], [['ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIA==']], [['not a key at all']]])(
    'of which nothing usable is kept (%j) is refused',
    async (keys) => {
      await expect(login(keys)).rejects.toMatchObject({ kind: 'hostKeyUnknown' });
    },
  );
});
