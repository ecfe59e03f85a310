import type { HostLogin, ResolvedLogin } from './host-login.ts';
import { badInputError, type HostIdentity } from './ssh-error.ts';

/** More hops than anybody has; a configuration that needs them leads in circles. */
const MAX_HOPS = 8;

/**
 * The hosts on the way to a host, from the one that is dialled. As with OpenSSH, the first hop that a host names may have jump hosts
 * of its own; those in between have only the ones before them. Rejects with `badInput` for a hop that is none and for circles.
 */
export async function routeTo(login: ResolvedLogin, resolveHop: (hop: HostLogin) => Promise<ResolvedLogin>): Promise<ResolvedLogin[]> {
  let route: ResolvedLogin[] = [];
  for (let next: ResolvedLogin | undefined = login; next !== undefined && next.proxyJump.length > 0; next = route[0]) {
    const hops = await Promise.all(next.proxyJump.map((text) => resolveHop(readHop(login.target, text))));
    route = [...hops, ...route];
    if (route.length > MAX_HOPS) {
      const names = next.proxyJump.join(', ');
      throw badInputError(login.target, `its jump hosts lead in circles (${names})`, 'Set `ProxyJump none` for the jump host itself.');
    }
  }
  return route;
}

/** `[user@]host[:port]`, with an IPv6 address in brackets, or the same as `ssh://` address. */
const HOP = /^(?:ssh:\/\/)?(?:(?<user>[^@\s]+)@)?(?:\[(?<ipv6>[0-9a-fA-F:.]+(?:%\w+)?)\]|(?<host>[^\s:@/[\]]+))(?::(?<port>\d{1,5}))?\/?$/u;

/** Reads one host of a ProxyJump. Throws `badInput`. */
export function readHop(host: HostIdentity, text: string): HostLogin {
  const { user, ipv6, host: name, port } = HOP.exec(text.trim())?.groups ?? {};
  const address = ipv6 ?? name;
  if (address === undefined) {
    throw badInputError(host, `"${text}" is no jump host`, 'ProxyJump takes [user@]host[:port], several of them with commas in between.');
  }
  return { name: address, address, user, port: port === undefined ? undefined : Number(port) };
}
