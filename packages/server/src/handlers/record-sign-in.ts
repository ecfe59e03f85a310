import type { Session } from '@muster/api';
import type { Log } from '@muster/core';
import type { Store } from '@muster/store';

export type SignInRecord = { readonly store: Pick<Store, 'events'>; readonly log: Log };

/** Tells as an event that somebody signed in. Whoever is signed in is so whether or not this can be written: the audit log is where it must be. */
export function recordSignIn({ store, log }: SignInRecord, { name, email, role }: Session, address: string): void {
  const event = {
    kind: 'sign-in',
    severity: 'info',
    nodeId: null,
    nodeName: null,
    message: `${name} signed in.`,
    data: { email, role, address },
  } as const;
  store.events.append(event).catch((error: unknown) => log.warn({ error: String(error) }, 'a sign-in could not be written as an event'));
}
