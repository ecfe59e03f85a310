import { z } from 'zod';

/**
 * Why a sign-in through the identity provider did not succeed, as `/sign-in#problem=...` tells the panel: a code and no text, because
 * anybody can write such an address. `again`: begun too long ago, or in another window. `provider`: it cannot be reached, or what it says
 * does not hold. `denied`: it let nobody in. `no-role`: it gives this person no role here. `no-address`: it tells no e-mail address.
 * `address-taken`: another account has it. `shut-out`: the account is disabled here. `busy`: too many attempts.
 */
export const OidcProblem = z.enum(['again', 'provider', 'denied', 'no-role', 'no-address', 'address-taken', 'shut-out', 'busy']);
export type OidcProblem = z.infer<typeof OidcProblem>;
