import type { Store } from '@muster/store';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { codeAt } from '../../test/authenticator.ts';
import { codeOf, comeIn, detailOf } from '../../test/people.ts';
import { Person } from '../../test/requests.ts';
import { openServerOnStore, type TestServer } from '../../test/server-fixture.ts';

let server: TestServer & { readonly store: Store };
beforeAll(async () => {
  server = await openServerOnStore();
});
afterAll(() => server.close());
// Codes are good for half a minute only: a test must be able to use one again.
const forgetCodes = () => server.store.accounts.deleteFrom('used_codes' as never).execute();
beforeEach(forgetCodes);

/** Ends at a moment that a code of the step before has some seconds of its time left. */
async function wellWithinAStep(): Promise<void> {
  const leftMs = 30_000 - (Date.now() % 30_000);
  if (leftMs < 8000) await new Promise((resolve) => setTimeout(resolve, leftMs));
}

const password = 'correct horse battery';
const signIn = (email: string, code?: string) => {
  const person = new Person(server.port);
  return { person, done: person.client.signIn({ body: { email, password, ...(code === undefined ? {} : { code }) } }) };
};

/** Somebody with a password and a second factor in force. */
async function withSecondFactor(email: string) {
  const person = await comeIn(server, email);
  await person.client.setPassword({ body: { newPassword: password } });
  const setup = await person.client.startTwoFactor({ body: { password } });
  const now = () => codeAt(setup.secret, Date.now());
  await person.client.verifyTwoFactor({ body: { code: now() } });
  await forgetCodes();
  return { person, now, ...setup };
}

describe('a second factor', () => {
  it('is set up with password and a first code, and asked for from then on', async () => {
    const email = 'ada@example.org';
    const ada = await comeIn(server, email);
    await ada.client.setPassword({ body: { newPassword: password } });
    const other = signIn(email);
    await other.done;
    expect(await codeOf(ada.client.startTwoFactor({ body: { password: 'wrong wrong wrong' } }))).toBe('not-allowed');
    const { uri, secret, recoveryCodes } = await ada.client.startTwoFactor({ body: { password } });
    expect(uri).toMatch(/^otpauth:\/\/totp\/Muster/u);
    expect([new Set(recoveryCodes).size, recoveryCodes.length]).toEqual([10, 10]);
    // Not in force before a code was given: nobody locks himself out by half of it.
    await signIn(email).done;
    expect(await codeOf(ada.client.verifyTwoFactor({ body: { code: '000000' } }))).toBe('not-allowed');
    expect(await ada.client.verifyTwoFactor({ body: { code: codeAt(secret, Date.now()) } })).toEqual({
      enabled: true,
      recoveryCodesLeft: 10,
    });
    expect(await ada.client.getSession({})).toMatchObject({ email, twoFactor: true });
    expect(await codeOf(other.person.client.getSession({}))).toBe('not-signed-in');
    expect(await codeOf(signIn(email).done)).toBe('second-factor-needed');
    expect(await codeOf(ada.client.startTwoFactor({ body: { password } }))).toBe('not-allowed');
    const said = JSON.stringify([
      server.lines,
      await server.local.listAudit({ query: { limit: 1000 } }),
      await server.local.listEvents({}),
    ]);
    for (const hidden of [secret, ...recoveryCodes]) expect(said).not.toContain(hidden);
  });

  it('lets in with a code of now, of just before and just after, and with no other', async () => {
    const { secret } = await withSecondFactor('bob@example.org');
    for (const offset of [-30_000, 0, 30_000]) {
      await forgetCodes();
      await wellWithinAStep();
      await signIn('bob@example.org', codeAt(secret, Date.now() + offset)).done;
    }
    for (const code of [codeAt(secret, Date.now() - 120_000), codeAt(secret, Date.now() + 120_000), 'abcdef'])
      expect(await codeOf(signIn('bob@example.org', code).done)).toBe('not-allowed');
    expect(await codeOf(signIn('bob@example.org', '12').done)).toBe('invalid-request');
  });

  it('takes each code once, also when two give it at the same moment', async () => {
    const { now } = await withSecondFactor('carol@example.org');
    const code = now();
    const codes = await Promise.all([1, 2, 3].map(() => codeOf(signIn('carol@example.org', code).done)));
    expect(codes.filter((one) => one === undefined)).toHaveLength(1);
    expect(await detailOf(signIn('carol@example.org', `${code.slice(0, 3)} ${code.slice(3)}`).done)).toContain('used already');
  });

  it('does not use up a code when the password is wrong', async () => {
    const { now } = await withSecondFactor('dave@example.org');
    const code = now();
    const wrong = new Person(server.port).client.signIn({ body: { email: 'dave@example.org', password: 'wrong wrong wrong', code } });
    expect(await codeOf(wrong)).toBe('not-allowed');
    await signIn('dave@example.org', code).done;
  });

  it('is replaced by each recovery code once', async () => {
    const { person, recoveryCodes } = await withSecondFactor('erin@example.org');
    const [first = '', second = ''] = recoveryCodes;
    const both = await Promise.all([1, 2].map(() => codeOf(signIn('erin@example.org', first).done)));
    expect(both.filter((one) => one === undefined)).toHaveLength(1);
    expect(await codeOf(signIn('erin@example.org', first).done)).toBe('not-allowed');
    expect(await person.client.getTwoFactor({})).toEqual({ enabled: true, recoveryCodesLeft: 9 });
    const { recoveryCodes: fresh } = await person.client.makeRecoveryCodes({ body: { password } });
    expect(await codeOf(signIn('erin@example.org', second).done)).toBe('not-allowed');
    await signIn('erin@example.org', fresh[0]).done;
  });

  it('is given up with password and code, not with one of them', async () => {
    const { person, now } = await withSecondFactor('frank@example.org');
    const { client } = person;
    expect(await codeOf(client.disableTwoFactor({ body: { password: 'wrong wrong wrong', code: now() } }))).toBe('not-allowed');
    expect(await codeOf(client.disableTwoFactor({ body: { password, code: '000000' } }))).toBe('not-allowed');
    expect(await client.disableTwoFactor({ body: { password, code: now() } })).toEqual({ enabled: false, recoveryCodesLeft: 0 });
    expect(await client.getSession({})).toMatchObject({ twoFactor: false });
    await signIn('frank@example.org').done;
  });

  it('is forgotten by an administrator for somebody who lost it', async () => {
    await withSecondFactor('gina@example.org');
    await server.local.makeInvitation({ params: { person: 'gina@example.org' }, body: { reset: true } });
    expect(await server.local.getPerson({ params: { person: 'gina@example.org' } })).toMatchObject({
      twoFactor: false,
      hasPassword: false,
    });
  });

  it('belongs to people with a password', async () => {
    expect(await codeOf(server.local.startTwoFactor({ body: { password } }))).toBe('not-allowed');
    expect(await server.local.getTwoFactor({})).toEqual({ enabled: false, recoveryCodesLeft: 0 });
    const link = await comeIn(server, 'harry@example.org');
    expect(await codeOf(link.client.startTwoFactor({ body: { password } }))).toBe('not-allowed');
  });
});

describe('guessing a code', () => {
  it('shuts the account for a while after ten wrong ones, from wherever they come, the right one included', async () => {
    const { now } = await withSecondFactor('victim@example.org');
    // Each limit for an address and an account is larger than this one: what counts here is the account alone.
    const codes: unknown[] = [];
    for (let i = 0; i < 10; i++) codes.push(await codeOf(signIn('victim@example.org', String(i).padStart(6, '9')).done));
    expect(new Set(codes)).toEqual(new Set(['not-allowed']));
    expect(await codeOf(signIn('victim@example.org', now()).done)).toBe('too-many-requests');
  }, 120_000);

  it('with somebody’s session is slowed down too', async () => {
    const person = await comeIn(server, 'ivan@example.org');
    await person.client.setPassword({ body: { newPassword: password } });
    await person.client.startTwoFactor({ body: { password } });
    const codes: unknown[] = [];
    for (let i = 0; i < 12; i++) codes.push(await codeOf(person.client.verifyTwoFactor({ body: { code: String(i).padStart(6, '9') } })));
    expect(codes.at(-1)).toBe('too-many-requests');
  });
});
