import type { Log } from '@muster/core';
import type { Store } from '@muster/store';
import { betterAuth } from 'better-auth';
import { magicLink } from 'better-auth/plugins';

export const linkLifetimeSeconds = 900;
const sessionLifetimeSeconds = 60 * 60 * 12;

export type AuthOptions = {
  readonly database: Store['people'];
  readonly secret: string;
  readonly publicUrl: string;
  readonly log: Log;
  /** Told the token of each link that is made. */
  readonly onLink: (email: string, token: string) => void;
};

export type Auth = ReturnType<typeof makeAuth>;

/** better-auth with everything that Muster does not use turned off, and its warnings in our log. */
export function makeAuth({ database, secret, publicUrl, log, onLink }: AuthOptions) {
  return betterAuth({
    database: { db: database, type: 'postgres' },
    secret,
    baseURL: publicUrl,
    telemetry: { enabled: false },
    // What it says of errors may quote what was given to it: the message alone, never its arguments.
    logger: { log: (level, message) => log[level === 'error' ? 'warn' : 'debug']({ said: message }, 'better-auth') },
    emailAndPassword: { enabled: true, disableSignUp: true, minPasswordLength: 12, maxPasswordLength: 200 },
    // A session ends when its cookie does, however busy it was.
    session: { expiresIn: sessionLifetimeSeconds, disableSessionRefresh: true },
    user: { additionalFields: { role: { type: 'string', required: true, defaultValue: 'administrator', input: false } } },
    advanced: { cookiePrefix: 'muster', database: { joins: true }, defaultCookieAttributes: { sameSite: 'strict', httpOnly: true } },
    plugins: [
      magicLink({
        expiresIn: linkLifetimeSeconds,
        storeToken: 'hashed',
        sendMagicLink: ({ email, token }) => {
          onLink(email, token);
        },
      }),
    ],
  });
}
