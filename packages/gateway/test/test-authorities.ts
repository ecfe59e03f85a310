import { type AuthorityRotation, authorityUse } from '@muster/core';
import { serverIdentity } from '@muster/api';
import { type Authority, createAuthority, makeKeyAndCsr, type NewAuthority, openAuthority } from '@muster/trust';
import type { Authorities, DoorIdentity, NumberedAuthority } from '../src/gateway-options.ts';

const dayMs = 86_400_000;

/** An authority and the certificate of a server of it. */
export async function makeTestAuthority(now = new Date(Date.now() - 30 * dayMs)) {
  const parts = await createAuthority({ name: 'Test', now });
  const authority = await openAuthority(parts);
  return { parts, authority, identity: await makeTestIdentity(authority) };
}

/** A new certificate of the server itself. */
export async function makeTestIdentity(authority: Authority): Promise<DoorIdentity> {
  const { keyPem, csrPem } = await makeKeyAndCsr({ nodeName: serverIdentity });
  const { chainPem } = await authority.signServer({ csrPem, dnsNames: [], ipAddresses: ['127.0.0.1'], lifetimeDays: 1, now: new Date() });
  return { chainPem, keyPem };
}

type Made = { readonly parts: NewAuthority; readonly authority: Authority; identity: DoorIdentity };

/** Two authorities, of which a test says how far the second has replaced the first. */
export class TestAuthorities implements Authorities {
  readonly first: Made;
  readonly second: Made;
  /** How far the replacement is; changed by `refresh` to what is here. */
  next: AuthorityRotation | null = null;
  #rotation: AuthorityRotation | null = null;
  active = 1;
  refreshed = 0;

  static async make(): Promise<TestAuthorities> {
    return new TestAuthorities(await makeTestAuthority(), await makeTestAuthority());
  }

  private constructor(first: Made, second: Made) {
    this.first = first;
    this.second = second;
  }

  numbered(generation: number): NumberedAuthority {
    return { ...this.#made(generation).authority, generation };
  }

  trusted(): readonly [NumberedAuthority, ...NumberedAuthority[]] {
    const [issues = 1, ...others] = authorityUse(this.active, this.#rotation).trusts;
    return [this.numbered(issues), ...others.map((generation) => this.numbered(generation))];
  }

  shown(): NumberedAuthority {
    return this.numbered(authorityUse(this.active, this.#rotation).shows);
  }

  identityOf({ generation }: NumberedAuthority): DoorIdentity {
    return this.#made(generation).identity;
  }

  refresh(): Promise<void> {
    this.refreshed += 1;
    this.#rotation = this.next;
    return Promise.resolve();
  }

  /** Goes to a phase, or with null to the end of the replacement. */
  async go(phase: AuthorityRotation['phase'] | null, active = 1): Promise<void> {
    this.next = phase === null ? null : { phase, from: 1, to: 2 };
    this.active = active;
    await this.refresh();
  }

  #made = (generation: number): Made => (generation === 2 ? this.second : this.first);
}
