import { OidcProblem } from '@muster/api';

/** Why a sign-in by the identity provider did not succeed, in words. */
const texts: Readonly<Record<OidcProblem, string>> = {
  again: 'It was begun too long ago, or in another window. Try again.',
  provider: 'The identity provider cannot be reached, or what it says does not hold. The log of the server says more.',
  denied: 'The identity provider did not let you in.',
  'no-role': 'The identity provider gives you no role here. Ask an administrator of this installation.',
  'no-address': 'The identity provider tells no e-mail address of yours.',
  'address-taken': 'Another account has your e-mail address. Ask an administrator of this installation.',
  'shut-out': 'This account is disabled. Ask an administrator of this installation.',
  busy: 'Too many attempts. Wait a minute, then try again.',
};

/** The reason in the fragment of an address, `#problem=...`, in words; null where there is none. Only known codes count: anybody can write an address. */
export function oidcProblemText(hash: string): string | null {
  const found = OidcProblem.safeParse(new URLSearchParams(hash.replace(/^#/u, '')).get('problem'));
  return found.success ? texts[found.data] : null;
}
