/** The cookies that `Set-Cookie` lines leave behind, as a browser sends them back. */
export const cookiesIn = (setCookies: readonly string[]): string => setCookies.map((line) => line.split(';')[0]).join('; ');

/** Headers with other cookies: what a browser would send next. */
export function headersWith(headers: Headers, cookies: string): Headers {
  const next = new Headers(headers);
  if (cookies !== '') next.set('cookie', cookies);
  return next;
}
