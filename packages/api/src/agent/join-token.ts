/** What a join token carries: enough for an agent to know whom to trust before it says anything. */
export type JoinTokenContent = {
  /** The node the token is for. */
  readonly name: string;
  /** Random, base64url; the server keeps only its SHA-256. */
  readonly secret: string;
  /** SHA-256 of the root certificate in DER, hexadecimal: the agent accepts no other authority. */
  readonly caFingerprint: string;
  /** `host:port` of the agents' doors. */
  readonly servers: readonly string[];
};

const prefix = 'muster1.';

/** The token as one word that survives shells, YAML and e-mail. */
export function encodeJoinToken(content: JoinTokenContent): string {
  const bytes = new TextEncoder().encode(JSON.stringify([content.name, content.secret, content.caFingerprint, content.servers]));
  const base64 = btoa(String.fromCharCode(...bytes));
  return prefix + base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** The content of a token, or undefined when it is damaged or of another kind. */
export function decodeJoinToken(token: string): JoinTokenContent | undefined {
  if (!token.startsWith(prefix)) return undefined;
  const content = readContent(token);
  // Base64 has several spellings of the same bytes; a token has one.
  return content !== undefined && encodeJoinToken(content) === token ? content : undefined;
}

function readContent(token: string): JoinTokenContent | undefined {
  const value = readJson(token.slice(prefix.length));
  if (!Array.isArray(value) || value.length !== 4) return undefined;
  const [name, secret, caFingerprint, servers] = value as unknown[];
  if (!isText(name) || !isText(secret) || !isText(caFingerprint)) return undefined;
  if (!/^[0-9a-f]{64}$/u.test(caFingerprint)) return undefined;
  if (!Array.isArray(servers) || servers.length === 0 || !servers.every(isText)) return undefined;
  return { name, secret, caFingerprint, servers };
}

const isText = (value: unknown): value is string => typeof value === 'string';

function readJson(base64url: string): unknown {
  try {
    const binary = atob(base64url.replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
    // Fatal: bytes that are no UTF-8 are damage, and must not become a name with question marks in it.
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}
