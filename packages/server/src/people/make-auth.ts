import { availableParallelism } from 'node:os';
import type { Log } from '@muster/core';
import type { Store } from '@muster/store';
import { betterAuth } from 'better-auth';
import { hashPassword, verifyPassword } from 'better-auth/crypto';
import { twoFactor } from 'better-auth/plugins';
import { beginSession } from './begin-session.ts';
import { WorkLimit } from './work-limit.ts';

const sessionLifetimeSeconds = 60 * 60 * 12;
/** A core stays free for everything else; three seconds of such work may wait. */
const hashing = { atOnce: Math.max(1, Math.min(4, availableParallelism() - 1)), waiting: 30 };

export type AuthOptions = {
  readonly database: Store['accounts'];
  readonly secret: string;
  readonly publicUrl: string;
  readonly log: Log;
};

export type Auth = ReturnType<typeof makeAuth>;

/** better-auth with everything that Muster does not use turned off, and its warnings in our log. */
export function makeAuth({ database, secret, publicUrl, log }: AuthOptions) {
  const limit = new WorkLimit(hashing);
  return betterAuth({
    appName: 'Muster',
    database: { db: database, type: 'postgres' },
    secret,
    baseURL: publicUrl,
    telemetry: { enabled: false },
    // What it says of errors may quote what was given to it: the message alone, never its arguments.
    logger: { log: (level, message) => log[level === 'error' ? 'warn' : 'debug']({ said: message }, 'better-auth') },
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: 12,
      maxPasswordLength: 200,
      password: {
        hash: (password) => limit.run(() => hashPassword(password)),
        verify: (given) => limit.run(() => verifyPassword(given)),
      },
    },
    // A session ends when its cookie does, however busy it was.
    session: { expiresIn: sessionLifetimeSeconds, disableSessionRefresh: true },
    advanced: { cookiePrefix: 'muster', database: { joins: true }, defaultCookieAttributes: { sameSite: 'strict', httpOnly: true } },
    plugins: [twoFactor({ issuer: 'Muster', twoFactorCookieMaxAge: 60 }), beginSession()],
  });
}
