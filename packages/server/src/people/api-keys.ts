import { createHash, randomBytes } from 'node:crypto';
import { type ApiKeyCreate, type NewApiKey, problem, type Session } from '@muster/api';
import { type Clock, grantRefusal, lesserGrant, RateLimit } from '@muster/core';
import type { Store } from '@muster/store';
import type { z } from 'zod';

/** `muster_` and 256 random bits: whatever looks otherwise is no key of ours and costs nothing. */
const keyForm = /^muster_[A-Za-z0-9_-]{43}$/u;
const prefixLength = 'muster_'.length + 6;
/** Keys cannot be guessed; this bounds what a flood of wrong ones costs the database. */
const maxRemembered = 1000;
const wrongKeys = { perMinute: 60, burst: 120 };

export type ApiKeys = {
  /** Who sends this key, or undefined. @throws ProblemError `too-many-requests` */
  sessionOf(secret: string, address: string): Promise<Session | undefined>;
  /** @throws ProblemError `not-allowed` when it would be allowed more than its maker */
  make(maker: Session, wish: z.output<typeof ApiKeyCreate>): Promise<NewApiKey>;
};

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** Keys for programs. Only their hashes are kept. */
export function apiKeys({ store, clock }: { readonly store: Pick<Store, 'apiKeys'>; readonly clock: Clock }): ApiKeys {
  const wrong = new RateLimit(clock, wrongKeys);
  const good = new Set<string>();
  return {
    sessionOf: async (secret, address) => {
      if (!keyForm.test(secret)) return undefined;
      const hash = hashOf(secret);
      if (!good.has(hash) && !wrong.has(address))
        throw problem('too-many-requests', 'Too many wrong keys from this address. Wait a minute.');
      const used = await store.apiKeys.use(hash, address);
      good.delete(hash);
      if (used === undefined) wrong.take(address);
      else remember(good, hash);
      return used && sessionOfKey(used);
    },
    make: async (maker, wish) => {
      if (maker.kind === 'key') throw problem('not-allowed', 'A key cannot make keys: sign in as a person.');
      const grant = { role: wish.role, groups: wish.groups === undefined ? maker.groups : wish.groups, mayExec: wish.mayExec };
      const refusal = grantRefusal(maker, grant);
      if (refusal !== undefined) throw problem('not-allowed', `A key can do no more than its maker. ${refusal}`);
      const secret = `muster_${randomBytes(32).toString('base64url')}`;
      const key = await store.apiKeys.make({
        keySha256: hashOf(secret),
        prefix: secret.slice(0, prefixLength),
        name: wish.name,
        ownerId: maker.id,
        grant,
        lifetimeDays: wish.expiresInDays,
      });
      return { key, secret };
    },
  };
}

/** Keys that were good at their last use still work from an address that a flood comes from. */
function remember(good: Set<string>, hash: string): void {
  good.add(hash);
  if (good.size <= maxRemembered) return;
  for (const oldest of good) {
    good.delete(oldest);
    return;
  }
}

/** A key can do what it was given, as far as its maker can do it now. */
function sessionOfKey({ key, ownerGrant }: NonNullable<Awaited<ReturnType<Store['apiKeys']['use']>>>): Session {
  return {
    kind: 'key',
    id: key.id,
    name: `key ${key.name} of ${key.ownerName}`,
    email: null,
    ...(ownerGrant === null ? { role: key.role, groups: key.groups, mayExec: key.mayExec } : lesserGrant(key, ownerGrant)),
    hasPassword: false,
    twoFactor: false,
    provider: null,
  };
}
