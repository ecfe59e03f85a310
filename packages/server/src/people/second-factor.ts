import { problem, type RecoveryCodes, type Session, type TwoFactorSetup, type TwoFactorState } from '@muster/api';
import type { Store } from '@muster/store';
import type { Calling } from './calling.ts';
import { cookiesIn, headersWith } from './cookies.ts';
import type { Auth } from './make-auth.ts';

/** The second factor of whoever is signed in. Cookies that are returned replace those of the session. */
export type SecondFactor = {
  state(session: Session): Promise<TwoFactorState>;
  /** @throws ProblemError `not-allowed` */
  start(headers: Headers, password: string): Promise<TwoFactorSetup>;
  /** Puts it in force and ends the other sessions. @throws ProblemError `not-allowed` */
  verify(session: Session, headers: Headers, code: string): Promise<readonly string[]>;
  /** @throws ProblemError `not-allowed` */
  disable(session: Session, headers: Headers, password: string, code: string): Promise<readonly string[]>;
  /** @throws ProblemError `not-allowed` */
  makeRecoveryCodes(headers: Headers, password: string): Promise<RecoveryCodes>;
};

const advice = {
  code: 'The code is wrong, too old, or was used already. Wait for the next one.',
  password: 'The password is wrong.',
  start: 'The password is wrong, or a second factor is on already.',
  off: 'The password is wrong, or no second factor is on.',
};

/** Checks a code: six digits of an authenticator, or a recovery code. The answer's cookies are those of whoever is signed in by it. */
export async function checkCode(
  { auth, store, calling }: SecondFactorParts,
  personId: string,
  headers: Headers,
  given: string,
): Promise<readonly string[]> {
  const code = given.replaceAll(/\s/gu, '');
  if (!/^\d{6}$/u.test(code)) {
    const { headers: answered } = await calling(
      () => auth.api.verifyBackupCode({ body: { code }, headers, returnHeaders: true }),
      advice.code,
    );
    return answered.getSetCookie();
  }
  // An authenticator's code is good for over a minute: whoever saw it being typed must not come in with it too.
  if (!(await store.signInLinks.takeCode(personId, code))) throw problem('not-allowed', advice.code);
  const { headers: answered } = await calling(() => auth.api.verifyTOTP({ body: { code }, headers, returnHeaders: true }), advice.code);
  return answered.getSetCookie();
}

export type SecondFactorParts = { readonly auth: Auth; readonly store: Pick<Store, 'signInLinks'>; readonly calling: Calling };

export function secondFactor(parts: SecondFactorParts): SecondFactor {
  const { auth, calling } = parts;
  return {
    state: async ({ id, twoFactor: enabled }) => {
      if (!enabled || id === null) return { enabled: false, recoveryCodesLeft: 0 };
      const { backupCodes } = await calling(() => auth.api.viewBackupCodes({ body: { userId: id } }));
      return { enabled, recoveryCodesLeft: backupCodes.length };
    },
    start: async (headers, password) => {
      const made = await calling(() => auth.api.enableTwoFactor({ body: { password, method: 'totp' }, headers }), advice.start);
      if (made.method !== 'totp') throw problem('internal-error', 'The second factor could not be made.');
      const secret = new URL(made.totpURI).searchParams.get('secret') ?? '';
      return { uri: made.totpURI, secret, recoveryCodes: made.backupCodes };
    },
    verify: async (session, headers, code) => {
      if (session.twoFactor) throw problem('not-allowed', 'A second factor is on already.');
      const cookies = await checkCode(parts, idOf(session), headers, code);
      await calling(() => auth.api.revokeOtherSessions({ headers: headersWith(headers, cookiesIn(cookies)) }));
      return cookies;
    },
    disable: async (session, headers, password, code) => {
      if (!session.twoFactor) throw problem('not-allowed', advice.off);
      await calling(() => auth.api.verifyPassword({ body: { password }, headers }), advice.password);
      await checkCode(parts, idOf(session), headers, code);
      const answer = await calling(() => auth.api.disableTwoFactor({ body: { password }, headers, returnHeaders: true }), advice.off);
      return answer.headers.getSetCookie();
    },
    makeRecoveryCodes: async (headers, password) => {
      const { backupCodes } = await calling(() => auth.api.generateBackupCodes({ body: { password }, headers }), advice.off);
      return { recoveryCodes: backupCodes };
    },
  };
}

function idOf({ id }: Session): string {
  if (id === null) throw problem('not-allowed', 'Only a person who is signed in has a second factor.');
  return id;
}
