import { type KnownHostsLine, lineMatches } from './known-hosts-line.ts';

/** What the known_hosts lines say about one offered key. */
export type KnownHostsAnswer =
  | { readonly state: 'match' }
  | { readonly state: 'revoked'; readonly line: KnownHostsLine }
  | { readonly state: 'changed'; readonly line: KnownHostsLine }
  /** Keys of other types are known: neither a match nor a mismatch. */
  | { readonly state: 'otherType'; readonly lines: readonly KnownHostsLine[] }
  /** Only a certificate authority is known, which this transport cannot use. */
  | { readonly state: 'authorityOnly'; readonly line: KnownHostsLine }
  | { readonly state: 'unknown' };

/** The lines about a host, by each of its names. Hashed names must be tried one by one, so answers are kept. */
export class KnownHostsLookup {
  readonly #lines: KnownHostsLine[];
  readonly #byName = new Map<string, readonly KnownHostsLine[]>();

  constructor(lines: readonly KnownHostsLine[]) {
    this.#lines = [...lines];
  }

  /** Takes a line that was just written into account. */
  add(line: KnownHostsLine): void {
    this.#lines.push(line);
    this.#byName.clear();
  }

  /** Key types known for any of the names. */
  keyTypes(names: readonly string[]): string[] {
    const lines = names.flatMap((name) => this.#about(name));
    return [...new Set(lines.filter((line) => line.marker === 'none').map((line) => line.keyType))];
  }

  /** Whether an authority is known for any of the names, and no key. */
  hasAuthorityOnly(names: readonly string[]): boolean {
    const markers = names.flatMap((name) => this.#about(name)).map((line) => line.marker);
    return markers.includes('certAuthority') && !markers.includes('none');
  }

  /**
   * `names[0]` is the name in use; further names (the one without the port) can only confirm or revoke a key, never turn
   * it into a changed one. So does OpenSSH.
   */
  answer(names: readonly string[], keyType: string, key: Buffer): KnownHostsAnswer {
    const all = names.flatMap((name) => this.#about(name));
    const same = all.filter((line) => line.keyType === keyType && line.key.equals(key));
    const revoked = same.find((line) => line.marker === 'revoked');
    if (revoked !== undefined) {
      return { state: 'revoked', line: revoked };
    }
    if (same.some((line) => line.marker === 'none')) {
      return { state: 'match' };
    }
    return describeDifference(this.#about(names[0] ?? ''), keyType);
  }

  #about(name: string): readonly KnownHostsLine[] {
    let lines = this.#byName.get(name);
    if (lines === undefined) {
      lines = this.#lines.filter((line) => lineMatches(line, name));
      this.#byName.set(name, lines);
    }
    return lines;
  }
}

function describeDifference(lines: readonly KnownHostsLine[], keyType: string): KnownHostsAnswer {
  const plain = lines.filter((line) => line.marker === 'none');
  const changed = plain.find((line) => line.keyType === keyType);
  if (changed !== undefined) {
    return { state: 'changed', line: changed };
  }
  if (plain.length > 0) {
    return { state: 'otherType', lines: plain };
  }
  const authority = lines.find((line) => line.marker === 'certAuthority');
  return authority === undefined ? { state: 'unknown' } : { state: 'authorityOnly', line: authority };
}
