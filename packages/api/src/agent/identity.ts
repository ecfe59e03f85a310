/** The host name by which agents check the server's certificate, whatever address they reach it by. */
export const serverIdentity = 'server.muster.internal';

/** The URI in a node's certificate that says whose it is. */
export const nodeUri = (nodeId: string): string => `urn:muster:node:${nodeId}`;

/** The id in such a URI, or undefined for any other. */
export function nodeIdOfUri(uri: string): string | undefined {
  const match = /^urn:muster:node:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/u.exec(uri);
  return match?.[1];
}

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
