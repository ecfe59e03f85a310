/** A host pattern taken apart. */
export interface HostAddress {
  /** A name, an address or a pattern with `[x:y]` ranges. */
  readonly pattern: string;
  readonly port: number | undefined;
}

const NUMERIC = '\\[[0-9]+:[0-9]+(?::[0-9]+)?\\]';
const HEXADECIMAL = '\\[[0-9a-f]+:[0-9a-f]+(?::[0-9]+)?\\]';
const ALPHANUMERIC = '\\[(?:[a-z]:[a-z]|[0-9]+:[0-9]+)(?::[0-9]+)?\\]';

const BYTE = `(?:[01]?[0-9]{1,2}|2[0-4][0-9]|25[0-5]|${NUMERIC})`;
const GROUP = `(?:[0-9a-f]{1,4}|${HEXADECIMAL})`;
const WORD = '[\\p{L}\\p{N}_]';
const LABEL = `(?:${WORD}|${ALPHANUMERIC})(?:${WORD}|-|${ALPHANUMERIC})*(?<![_-])`;

const BRACKETED_PORT = /^\[(.+)\]:([0-9]+)$/u;
const PLAIN_PORT = /^((?:[^:[\]]|\[[^\]]*\])*):([0-9]+)$/u;

/** One to six groups, `::`, and as many more as leave a gap. */
const COMPRESSED = [1, 2, 3, 4, 5, 6].map((before) => `(?:${GROUP}:){${before}}(?::${GROUP}){1,${7 - before}}`);

/**
 * What Ansible takes for an IPv6 address. Only the last form is held to the end of the text
 * and only the first to its beginning (the match itself starts there): that is how Ansible's
 * own expression behaves, so `::1-backup:22` keeps its colons and has no port.
 */
const IPV6_FORMS = [
  `(?:${GROUP}:){7}${GROUP}`,
  `(?:${GROUP}:){1,6}:`,
  ...COMPRESSED,
  `:(?::${GROUP}){1,6}`,
  `${GROUP}?::`,
  `(?:0:){6}(?:${GROUP}\\.){3}${GROUP}`,
  `::(?:ffff:)?(?:${GROUP}\\.){3}${GROUP}`,
  `(?:0:){5}ffff:(?:${GROUP}\\.){3}${GROUP}$`,
];

const KNOWN_FORMS = [
  new RegExp(`^(?:${BYTE}\\.){3}${BYTE}$`, 'iu'),
  new RegExp(`^(?:${IPV6_FORMS.join('|')})`, 'iu'),
  new RegExp(`^${LABEL}(?:\\.${LABEL})*$`, 'iu'),
];

/**
 * Takes `host`, `host:port` and `[address]:port` apart as Ansible's `parse_address` does. A
 * pattern it does not know (`user@host:22`) is a name as it stands, colon and all.
 */
export function parseHostAddress(pattern: string): HostAddress {
  let host = pattern;
  let port: number | undefined;
  for (const form of [BRACKETED_PORT, PLAIN_PORT]) {
    const match = form.exec(host);
    if (match === null) continue;
    host = match[1] ?? '';
    port = Number(match[2]);
  }
  const isKnown = host !== '' && KNOWN_FORMS.some((form) => form.test(host));
  return isKnown ? { pattern: host, port } : { pattern, port: undefined };
}
