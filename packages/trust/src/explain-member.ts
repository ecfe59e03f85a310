import type { X509Certificate } from 'node:crypto';
import { serverIdentity, serverIdOfUri } from '@muster/api/agent';
import { judgeLeaf, type LeafNames, type LeafQuestion, refuse, type RefusedLeaf } from './judge-leaf.ts';

/** Which management server shows a certificate, or why it is none of them. */
export type MemberVerdict = { readonly ok: true; readonly serverId: string } | RefusedLeaf;

const serverAuthOid = '1.3.6.1.5.5.7.3.1';

/** A node cannot have the name of the servers, and its certificate has its own URI and may be a client's. */
function identify(leaf: X509Certificate, { uris, dnsNames, strange }: LeafNames): MemberVerdict {
  const [uri, ...otherUris] = uris;
  const serverId = uri === undefined || otherUris.length > 0 ? undefined : serverIdOfUri(uri);
  const isServers = leaf.keyUsage?.join() === serverAuthOid && leaf.subject === `CN=${serverIdentity}` && dnsNames.includes(serverIdentity);
  if (leaf.ca || strange || serverId === undefined || !isServers)
    return refuse('not-a-server', 'the certificate is not that of a management server (one server id, use as a server only)');
  return { ok: true, serverId };
}

/**
 * The judgement of a certificate that a management server shows to another one as its client: its own server's certificate, signed by the
 * authority of the installation. Whether that server is still one of the pool is the store's answer. Never throws.
 */
export const explainMember = (question: LeafQuestion): MemberVerdict => judgeLeaf(question, identify);
