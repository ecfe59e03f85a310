import { nodeIdOfUri, nodeUri, serverIdentity, serverIdOfUri, serverUri } from '@muster/api/agent';
import { requireOnlyName } from './csr-scope.ts';
import type { LeafContent } from './issue-leaf.ts';
import { canonicalAddresses, commonNameOf, requireHostName } from './names.ts';
import { readCsr } from './read-csr.ts';
import { TrustError, quoted } from './trust-error.ts';
import { ExtendedKeyUsage, type JsonGeneralName } from './x509.ts';

/** What is needed to sign a node's certificate. */
export type NodeRequest = {
  readonly csrPem: string;
  /** The node's UUID, lower case. */
  readonly nodeId: string;
  /** The name the join token, or the certificate that is renewed, was given for. */
  readonly nodeName: string;
  /** IPv4 and IPv6 addresses as the server knows them. */
  readonly addresses: readonly string[];
  /** Between one hour (1/24) and ten years (3653). */
  readonly lifetimeDays: number;
  readonly now: Date;
};

/** What is needed to sign a management server's certificate. */
export type ServerRequest = {
  readonly csrPem: string;
  /** Which server it is: it speaks to the others by the same certificate. Without it they take it for none of them. */
  readonly serverId?: string;
  /** Names besides `serverIdentity` by which browsers and commands reach this server. */
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly lifetimeDays: number;
  readonly now: Date;
};

/** What is needed to sign the certificate of a machine of a pool: for its database, its voter and what speaks to them. */
export type MemberRequest = {
  readonly csrPem: string;
  readonly memberName: string;
  /** The addresses by which the other machines reach it; its loopback addresses and `localhost` are always among the names. */
  readonly ipAddresses: readonly string[];
  readonly lifetimeDays: number;
  readonly now: Date;
};

const dns = (value: string): JsonGeneralName => ({ type: 'dns', value });
const ip = (value: string): JsonGeneralName => ({ type: 'ip', value });

function requireNodeName(nodeName: string): void {
  requireHostName(nodeName, 'the name of a node');
  if (nodeName !== serverIdentity) return;
  // Agents take whoever shows a certificate with this name for the server; a node's certificate may also be used as a server's.
  throw new TrustError({
    code: 'invalid-name',
    what: `${quoted(nodeName)} is the name by which agents know the server, a node cannot have it`,
    advice: 'Give the node another name.',
  });
}

/**
 * What a node's certificate will hold, once its request is found good.
 * @throws TrustError
 */
export async function nodeLeaf(request: NodeRequest): Promise<LeafContent> {
  const { nodeId, nodeName, addresses, lifetimeDays, now } = request;
  requireNodeName(nodeName);
  if (nodeIdOfUri(nodeUri(nodeId)) === undefined) {
    throw new TrustError({
      code: 'invalid-node-id',
      what: `${quoted(nodeId)} is not the id of a node (${nodeName})`,
      advice: 'Give the UUID the store has for it, in lower case.',
    });
  }
  const canonical = canonicalAddresses(addresses);
  const csr = await readCsr(request.csrPem);
  requireOnlyName(csr.request, nodeName);
  return {
    commonName: commonNameOf(nodeName),
    names: [{ type: 'url', value: nodeUri(nodeId) }, dns(nodeName), ...canonical.map(ip)],
    uses: [ExtendedKeyUsage.clientAuth, ExtendedKeyUsage.serverAuth],
    spkiDer: csr.spkiDer,
    lifetimeDays,
    now,
  };
}

/**
 * What a server's certificate will hold, once its request is found good.
 * @throws TrustError
 */
export async function serverLeaf(request: ServerRequest): Promise<LeafContent> {
  const { serverId, dnsNames, ipAddresses, lifetimeDays, now } = request;
  if (serverId !== undefined && serverIdOfUri(serverUri(serverId)) === undefined) {
    throw new TrustError({
      code: 'invalid-server-id',
      what: `${quoted(serverId)} is not the id of a management server`,
      advice: 'Remove the file server-id from its data folder: it gets another one at its next start.',
    });
  }
  for (const name of dnsNames) requireHostName(name, 'a name of the server');
  const canonical = canonicalAddresses(ipAddresses);
  const csr = await readCsr(request.csrPem);
  requireOnlyName(csr.request, serverIdentity);
  return {
    commonName: serverIdentity,
    names: [
      ...(serverId === undefined ? [] : [{ type: 'url' as const, value: serverUri(serverId) }]),
      ...[...new Set([serverIdentity, ...dnsNames])].map(dns),
      ...canonical.map(ip),
    ],
    uses: [ExtendedKeyUsage.serverAuth],
    spkiDer: csr.spkiDer,
    lifetimeDays,
    now,
  };
}

/**
 * What a certificate of a machine of a pool will hold, once its request is found good. It is shown by servers and by their clients: etcd asks
 * for both of the certificate that it shows to itself.
 * @throws TrustError
 */
export async function memberLeaf(request: MemberRequest): Promise<LeafContent> {
  const { memberName, lifetimeDays, now } = request;
  requireHostName(memberName, 'the name of a machine of the pool');
  const canonical = canonicalAddresses([...request.ipAddresses, '127.0.0.1', '::1']);
  const csr = await readCsr(request.csrPem);
  requireOnlyName(csr.request, memberName);
  return {
    commonName: commonNameOf(memberName),
    names: [dns(memberName), dns('localhost'), ...canonical.map(ip)],
    uses: [ExtendedKeyUsage.clientAuth, ExtendedKeyUsage.serverAuth],
    spkiDer: csr.spkiDer,
    lifetimeDays,
    now,
  };
}
