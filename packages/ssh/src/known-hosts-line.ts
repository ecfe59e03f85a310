import { createHmac, timingSafeEqual } from 'node:crypto';
import { readKeyType } from './host-key.ts';

/** One usable line of a known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
export interface KnownHostsLine {
  readonly file: string;
  /** Counted from 1. */
  readonly lineNumber: number;
  readonly marker: 'none' | 'revoked' | 'certAuthority';
  /** The host field as written: a pattern list, or one hashed name. */
  readonly hosts: string;
  readonly keyType: string;
  readonly key: Buffer;
}

const MARKERS: ReadonlyMap<string, KnownHostsLine['marker']> = new Map([
  ['@revoked', 'revoked'],
  ['@cert-authority', 'certAuthority'],
]);

/** Reads a known_hosts file. Lines that OpenSSH would not use (comments, SSH 1 keys, damaged ones) are left out, as it does. */
export function parseKnownHosts(text: string, file: string): KnownHostsLine[] {
  return text.split('\n').flatMap((line, index) => parseLine(line, file, index + 1) ?? []);
}

function parseLine(line: string, file: string, lineNumber: number): KnownHostsLine | undefined {
  const fields = line.trim().split(/[ \t]+/);
  if (fields[0] === undefined || fields[0] === '' || fields[0].startsWith('#')) {
    return undefined;
  }
  let marker: KnownHostsLine['marker'] = 'none';
  if (fields[0].startsWith('@')) {
    const known = MARKERS.get(fields[0]);
    if (known === undefined) {
      return undefined;
    }
    marker = known;
    fields.shift();
  }
  const [hosts, keyType, encoded] = fields;
  if (hosts === undefined || keyType === undefined || encoded === undefined) {
    return undefined;
  }
  const key = Buffer.from(encoded, 'base64');
  return readKeyType(key) === keyType ? { file, lineNumber, marker, hosts, keyType, key } : undefined;
}

/** The name a host has in known_hosts: lower case, `[host]:port` unless the port is 22. */
export function knownHostsName(address: string, port: number): string {
  const host = address.toLowerCase();
  return port === 22 ? host : `[${host}]:${port}`;
}

/** Whether the line speaks of the host called `name` (see {@link knownHostsName}). */
export function lineMatches(line: KnownHostsLine, name: string): boolean {
  return line.hosts.startsWith('|') ? matchesHashed(line.hosts, name) : matchesPatternList(line.hosts, name);
}

/** `|1|salt|HMAC-SHA1(salt, name)`, a fresh salt each time. */
export function hashHostName(name: string, salt: Buffer): string {
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
}

function matchesHashed(field: string, name: string): boolean {
  const [, version, salt, hash] = field.split('|');
  if (version !== '1' || salt === undefined || hash === undefined) {
    return false;
  }
  const expected = Buffer.from(hash, 'base64');
  const actual = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest();
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

function matchesPatternList(list: string, name: string): boolean {
  let matched = false;
  for (const pattern of list.toLowerCase().split(',')) {
    const negated = pattern.startsWith('!');
    if (matchesPattern(negated ? pattern.slice(1) : pattern, name)) {
      // A negated pattern that matches wins over all others, wherever it stands.
      if (negated) {
        return false;
      }
      matched = true;
    }
  }
  return matched;
}

/** `*` any run, `?` one character; all else literally. Never goes back beyond the last star, so no pattern takes exponential time. */
export function matchesPattern(pattern: string, name: string): boolean {
  let [p, n, star, retry] = [0, 0, -1, 0];
  while (n < name.length) {
    if (pattern[p] === '*') {
      star = p;
      retry = n;
      p += 1;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === name[n])) {
      p += 1;
      n += 1;
    } else if (star >= 0) {
      p = star + 1;
      retry += 1;
      n = retry;
    } else {
      return false;
    }
  }
  return /^\**$/.test(pattern.slice(p));
}
