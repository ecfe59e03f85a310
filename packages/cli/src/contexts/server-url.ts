import { CliError } from '../cli-error.ts';

/** The address of a server as it is kept: scheme, host and port. @throws CliError for one that would send secrets in the clear */
export function serverUrl(given: string): string {
  const url = URL.parse(/^[a-z]+:\/\//iu.test(given) ? given : `https://${given}`);
  if (url === null || !/^https?:$/u.test(url.protocol) || url.username !== '' || url.password !== '')
    throw new CliError(`"${given}" is not the address of a server: write https://HOST:PORT, as people reach the panel.`, 2);
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    throw new CliError(
      `${url.origin} would be spoken to without encryption, so that others could read along. Use https (http.tls in the server's configuration).`,
      2,
    );
  return url.origin;
}

const isLoopback = (host: string): boolean => host === 'localhost' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/u.test(host);
