import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import { hintsAt } from '@muster/api';
import type { Authorities, NumberedAuthority } from './gateway-options.ts';

/** The certificate and key that the door shows for an authority, and whom it knows. */
export const secureContextOf = (authority: NumberedAuthority, authorities: Authorities): SecureContextOptions => {
  const { keyPem, chainPem } = authorities.identityOf(authority);
  return {
    key: keyPem,
    // The root goes along: an agent that enrols compares it with its token before it says anything.
    cert: chainPem + authority.rootPem,
    ca: authorities.trusted().flatMap(({ rootPem, intermediatePem }) => [rootPem, intermediatePem]),
    minVersion: 'TLSv1.2',
  };
};

/** The authority that an agent hinted at in its TLS greeting, while that one is trusted; else the one that is shown to everyone. */
export function authorityFor(name: string | false | undefined | null, authorities: Authorities): NumberedAuthority {
  const hinted = typeof name === 'string' ? authorities.trusted().find(({ fingerprint }) => hintsAt(name, fingerprint)) : undefined;
  return hinted ?? authorities.shown();
}

/**
 * What the door shows each peer: an agent that knows only one of two authorities is shown a certificate of that one, so that it can connect
 * and be told of the other.
 */
export class DoorIdentities {
  readonly #authorities: Authorities;
  readonly #made = new Map<number, { readonly ofChain: string; readonly context: SecureContext }>();

  constructor(authorities: Authorities) {
    this.#authorities = authorities;
  }

  /** For TLS's SNI callback. */
  contextFor(name: string): SecureContext {
    const authority = authorityFor(name, this.#authorities);
    const ofChain = this.#authorities.identityOf(authority).chainPem + String(this.#authorities.trusted().length);
    const known = this.#made.get(authority.generation);
    if (known?.ofChain === ofChain) return known.context;
    const context = createSecureContext(secureContextOf(authority, this.#authorities));
    this.#made.set(authority.generation, { ofChain, context });
    return context;
  }
}
