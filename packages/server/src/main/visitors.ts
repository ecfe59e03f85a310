import { Auditor } from '../audit/auditor.ts';
import { type ApiKeys, apiKeys } from '../people/api-keys.ts';
import { oidcSignIn } from '../people/oidc/oidc-sign-in.ts';
import { openPeople, type People } from '../people/people.ts';
import { readOidcSettings } from '../config/oidc-settings.ts';
import type { Foundation } from './foundation.ts';

/** Who may come in, by what, and what is written down of it. */
export type Visitors = {
  readonly people: People;
  readonly keys: ApiKeys;
  readonly oidc: ReturnType<typeof oidcSignIn> | undefined;
  readonly auditor: Auditor;
};

export async function makeVisitors({ config, store, clock, log, cookieSecret: secret }: Foundation, publicUrl: string): Promise<Visitors> {
  const settings = await readOidcSettings(config);
  return {
    people: openPeople({ store, secret, publicUrl, log }),
    keys: apiKeys({ store, clock }),
    oidc: settings === undefined ? undefined : oidcSignIn({ settings, store, clock, secret, publicUrl }),
    auditor: new Auditor(store, clock, log),
  };
}
