import { createClient, ProblemError, type Session } from '@muster/api';
import { serverFetch } from '../client/server-fetch.ts';
import type { RemoteWay } from '../client/way.ts';
import type { Context } from './context-file.ts';

/** Asks, one after the other, for what is not known yet. */
export type SignInQuestions = {
  readonly email: () => Promise<string>;
  readonly password: () => Promise<string>;
  /** A code of the authenticator, or a recovery code. */
  readonly code: () => Promise<string>;
};
export type SignedIn = { readonly session: Session; readonly credential: NonNullable<Context['credential']> };

/** Signs in with a password and, where the account has one, a second factor. @throws ProblemError, CliError */
export async function signInWithPassword(url: string, authorityPem: string | null, questions: SignInQuestions): Promise<SignedIn> {
  let cookies: readonly string[] = [];
  const way: RemoteWay = { kind: 'remote', url, authorityPem: authorityPem ?? undefined, headers: {} };
  const client = createClient(
    '',
    serverFetch(async () => way, {
      onCookies: (given) => {
        cookies = given;
      },
    }),
  );
  const account = { email: await questions.email(), password: await questions.password() };
  const session = await client.signIn({ body: account }).catch(async (error: unknown) => {
    if (!(error instanceof ProblemError) || error.problem.code !== 'second-factor-needed') throw error;
    return client.signIn({ body: { ...account, code: await questions.code() } });
  });
  const cookie = cookies
    .filter((line) => !/max-age=0/iu.test(line))
    .map((line) => line.split(';')[0])
    .join('; ');
  return { session, credential: { kind: 'session', cookie, name: session.email ?? session.name } };
}

/** Signs in with a key: asks the server who it is. @throws ProblemError, CliError */
export async function signInWithKey(url: string, authorityPem: string | null, key: string): Promise<SignedIn> {
  const headers = { authorization: `Bearer ${key}` };
  const way: RemoteWay = { kind: 'remote', url, authorityPem: authorityPem ?? undefined, headers };
  const client = createClient(
    '',
    serverFetch(async () => way),
  );
  const session = await client.getSession({});
  return { session, credential: { kind: 'key', key, name: session.name } };
}
