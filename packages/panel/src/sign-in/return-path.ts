/** The address of the sign-in page that leads back to `current` afterwards. */
export function signInPath(signIn: string, current: string): string {
  return current === '/' ? signIn : `${signIn}?next=${encodeURIComponent(current)}`;
}

/**
 * Where to go after signing in. Only a path of this panel is followed: an address of another site in a link somebody was sent
 * would turn the sign-in page into a trap.
 */
export function returnPath(search: string, fallback: string): string {
  const next = new URLSearchParams(search).get('next');
  if (next === null || !next.startsWith('/')) return fallback;
  const base = 'http://panel.invalid';
  const url = URL.canParse(next, base) ? new URL(next, base) : null;
  if (url === null || url.origin !== base || url.pathname.startsWith('//') || url.pathname === '/sign-in') return fallback;
  return url.pathname + url.search;
}
