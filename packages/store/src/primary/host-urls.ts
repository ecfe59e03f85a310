import { StoreRefused } from '../errors.ts';

const shape = /^(?<scheme>postgres(?:ql)?:\/\/)(?:(?<user>[^@/?#]*)@)?(?<hosts>[^@/?#]*)(?<rest>[/?#].*)?$/u;

/**
 * A URL for each database that the given one names: `postgresql://user:password@a:5432,b:5432/muster` is two, as for libpq
 * (PostgreSQL manual, "Connection URIs"). One host, or none, is the URL as it was.
 * @throws StoreRefused `bad-url` for a list with an empty or repeated place; the URL, which may carry a password, is not shown
 */
export function hostUrls(url: string): string[] {
  const { scheme = '', user, hosts = '', rest = '' } = shape.exec(url)?.groups ?? {};
  const places = hosts.split(',');
  if (places.length < 2) return [url];
  if (places.includes('') || new Set(places).size < places.length) {
    throw new StoreRefused(
      'bad-url',
      'The URL of the database names several hosts, and one of them is empty or there twice. It looks like postgresql://user:password@a:5432,b:5432/database.',
    );
  }
  return places.map((place) => `${scheme}${user === undefined ? '' : `${user}@`}${place}${rest}`);
}

/** The host and port of a URL, to name a database by: without user and password. */
export const placeOf = (url: string): string => shape.exec(url)?.groups?.['hosts'] || 'the database';
