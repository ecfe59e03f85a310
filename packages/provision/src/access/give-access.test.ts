import { SshError } from '@muster/ssh';
import { describe, expect, it } from 'vitest';
import { ClusterFixture } from '../../test/cluster-fixture.ts';
import { grammarProblems } from '../../test/dash.ts';
import { type Access, accessChanges, isAccountName, isPublicKey, lookAtAccess, makeAccess } from './access-scripts.ts';
import { giveAccess } from './give-access.ts';

const key = `ssh-ed25519 ${'A'.repeat(68)} operator`;
const access: Access = { user: 'vagrant', publicKey: key };
const nothing = { account: false, key: false, sudoers: false, sudo: true };

/** Hosts on which the account comes to be as it is made; each has sudo unless a test says otherwise. */
function fixtureOf({ there = false, sudo = true } = {}) {
  const fixture = new ClusterFixture();
  for (const host of fixture.hosts.values()) {
    let isThere = there;
    host.more.push(({ label }) => {
      if (label === 'make the account') isThere = true;
      const yes = (value: boolean) => (value ? 'yes' : 'no');
      if (label === 'look at the account')
        return `account=${yes(isThere)}\nkey=${yes(isThere)}\nsudoers=${yes(isThere)}\nsudo=${yes(sudo)}\n`;
      return label === 'make the account' ? '' : undefined;
    });
  }
  const give = (more: Partial<Parameters<typeof giveAccess>[1]> = {}) => {
    const { connect, signal } = fixture.options();
    return giveAccess(fixture.cluster.hosts, {
      forks: 5,
      dryRun: false,
      signal,
      accessOf: () => access,
      connectNow: connect,
      connectLater: connect,
      ...more,
    });
  };
  return { fixture, give };
}

describe('giving access', () => {
  it('makes what is missing, with the key on standard input, and proves it by logging in', async () => {
    const { fixture, give } = fixtureOf();
    const given = await give();
    expect(given[1]).toEqual({
      host: 'web1',
      user: 'vagrant',
      changes: [
        'make the account vagrant',
        'let the key log in as vagrant',
        'let vagrant use sudo without a password (/etc/sudoers.d/muster-access-vagrant)',
      ],
    });
    const { sent } = fixture.host('web1');
    expect(sent.map(({ label }) => label)).toEqual(['look at the account', 'make the account', 'sudo id -u']);
    expect(sent[1]).toMatchObject({ sudo: true, stdin: `${key}\n` });
  });

  it('changes nothing where everything is there', async () => {
    const { fixture, give } = fixtureOf({ there: true });
    expect((await give()).every(({ changes }) => changes.length === 0)).toBe(true);
    expect(fixture.host('web2').sent.map(({ label }) => label)).toEqual(['look at the account', 'sudo id -u']);
  });

  it('only says what it would do in a dry run', async () => {
    const { fixture, give } = fixtureOf();
    expect((await give({ dryRun: true }))[0]?.changes).toHaveLength(3);
    expect(fixture.host('boss').sent.map(({ label }) => label)).toEqual(['look at the account']);
  });

  it('names a host without sudo, one that cannot be reached, and one that the key does not open', async () => {
    const { fixture, give } = fixtureOf({ sudo: false });
    expect((await give())[0]?.failure?.message).toContain('boss has no sudo. Install it there first');
    const error = new SshError({ kind: 'unreachable', host: fixture.host('web1').host, what: 'nothing answers', advice: 'Look.' });
    const after = fixtureOf();
    const given = await after.give({ connectLater: () => Promise.reject(error) });
    expect(given.map(({ failure }) => failure?.kind)).toEqual(['unreachable', 'unreachable', 'unreachable']);
  });

  it.each([
    [{ user: 'Robert; rm -rf /', publicKey: key }, 'is no name for an account'],
    [{ user: 'vagrant', publicKey: `${key}\nssh-rsa BBBB` }, 'not one line'],
    [{ user: 'vagrant', publicKey: `command="x" ${key}` }, 'not one line'],
  ])('refuses %j before it logs in', async (bad, said) => {
    const { fixture, give } = fixtureOf();
    expect((await give({ accessOf: () => bad }))[0]?.failure?.message).toContain(said);
    expect(fixture.host('boss').sent).toEqual([]);
  });
});

describe('the scripts', () => {
  it('are valid for a plain shell, whatever is missing', async () => {
    expect(await grammarProblems(lookAtAccess(access))).toBe('');
    for (const account of [true, false])
      for (const sudoers of [true, false]) expect(await grammarProblems(makeAccess(access, { ...nothing, account, sudoers }))).toBe('');
  });

  it('give root no sudoers file', () => {
    expect(makeAccess({ ...access, user: 'root' }, { ...nothing, account: true })).not.toContain('sudoers');
    expect(accessChanges({ ...access, user: 'root' }, { ...nothing, account: true })).toEqual(['let the key log in as root']);
  });

  it('take names and keys as distributions and sshd do', () => {
    expect(['muster', '_a', 'web-1'].every(isAccountName)).toBe(true);
    expect(['', '1a', 'A', 'a.b', 'a'.repeat(33)].some(isAccountName)).toBe(false);
    expect(isPublicKey(key)).toBe(true);
    expect(isPublicKey(`sk-ssh-ed25519@openssh.com ${'A'.repeat(68)}`)).toBe(true);
    expect(['ssh-ed25519', 'ssh-ed25519 AAAA', ''].some(isPublicKey)).toBe(false);
  });
});
