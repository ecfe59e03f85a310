/** The host name by which agents check the server's certificate, whatever address they reach it by. */
export const serverIdentity = 'server.muster.internal';

const authorityLabel = /^ca-([0-9a-f]{40})\./u;
/** Digits of a fingerprint that tell one authority of an installation from another, and fit into a label of a host name. */
const hintDigits = 40;

/**
 * The name an agent asks for in its TLS greeting: it says which authority it knows, by the root's fingerprint, so that a server shows it
 * a certificate of that one while one authority replaces another. The certificate is checked by `serverIdentity`, whatever was asked.
 */
export const authorityHint = (fingerprint: string): string => `ca-${fingerprint.slice(0, hintDigits)}.${serverIdentity}`;

/** Whether the name asked for in a TLS greeting hints at the authority with this fingerprint. */
export const hintsAt = (name: string, fingerprint: string): boolean => authorityLabel.exec(name)?.[1] === fingerprint.slice(0, hintDigits);

/** The URI in a node's certificate that says whose it is. */
export const nodeUri = (nodeId: string): string => `urn:muster:node:${nodeId}`;

/** The id in such a URI, or undefined for any other. */
export function nodeIdOfUri(uri: string): string | undefined {
  const match = /^urn:muster:node:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/u.exec(uri);
  return match?.[1];
}

/** The URI in a management server's certificate that says which one it is: an id of letters, digits, `.`, `_` and `-`. */
export const serverUri = (serverId: string): string => `urn:muster:server:${serverId}`;

/** The id in such a URI, or undefined for any other. */
export const serverIdOfUri = (uri: string): string | undefined => /^urn:muster:server:([\w.-]{1,100})$/u.exec(uri)?.[1];

/** Answer of `POST /enroll`: the node's id and its certificate with the chain up to the root. */
export type EnrolmentAnswer = {
  readonly nodeId: string;
  readonly nodeName: string;
  /** Leaf and intermediate, PEM. */
  readonly chainPem: string;
  /** The root, PEM: what the agent trusts from now on. */
  readonly rootPem: string;
  readonly servers: readonly string[];
};
