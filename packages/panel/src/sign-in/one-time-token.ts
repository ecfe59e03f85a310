/** The token of a one-time link, `#token=...`: in the fragment, because that part of an address never reaches a server or its log. */
export function tokenInFragment(hash: string): string | null {
  const token = new URLSearchParams(hash.replace(/^#/u, '')).get('token');
  return token === null || token === '' ? null : token;
}
