import type { X509Certificate } from 'node:crypto';
import { nodeIdOfUri } from '@muster/api/agent';
import { judgeLeaf, type LeafNames, type LeafQuestion, type LeafRefusal, refuse, type RefusedLeaf } from './judge-leaf.ts';
import { commonNameOf, isHostName } from './names.ts';
import { quoted } from './trust-error.ts';

/** Why a client certificate is refused. `authority-unreadable` is the server's own trouble, all others the peer's. */
export type PeerRefusal = LeafRefusal;

/** Who a peer is, or why it is nobody; the message is a sentence for the log. */
export type PeerVerdict =
  | { readonly ok: true; readonly nodeId: string; readonly nodeName: string; readonly serial: string; readonly notAfter: Date }
  | RefusedLeaf;

/** A client certificate and the authority to measure it by. */
export type PeerQuestion = LeafQuestion;

const clientAuthOid = '1.3.6.1.5.5.7.3.2';

function nodeIdOf(leaf: X509Certificate, names: LeafNames): string | undefined {
  const mayBeClient = leaf.keyUsage?.includes(clientAuthOid) ?? false;
  const [uri, ...otherUris] = names.uris;
  if (leaf.ca || !mayBeClient || names.strange || uri === undefined || otherUris.length > 0) return undefined;
  return nodeIdOfUri(uri);
}

function identify(leaf: X509Certificate, names: LeafNames): PeerVerdict {
  const nodeId = nodeIdOf(leaf, names);
  if (nodeId === undefined) return refuse('not-a-node', 'the certificate is not that of a node (one node id, use as a client)');
  const [nodeName, ...otherNames] = names.dnsNames;
  if (nodeName === undefined || otherNames.length > 0 || !isHostName(nodeName) || leaf.subject !== `CN=${commonNameOf(nodeName)}`) {
    return refuse(
      'name-mismatch',
      `the subject ${quoted(leaf.subject)} and the names ${quoted(names.dnsNames.join(', '))} of node ${nodeId} do not agree`,
    );
  }
  return { ok: true, nodeId, nodeName, serial: leaf.serialNumber.toLowerCase(), notAfter: leaf.validToDate };
}

/**
 * The gateway's own judgement of a client certificate: signed by our intermediate and that by our root, dates, kind of key, use,
 * exactly one node id, subject and name in agreement. Revocation is not looked at: that is the store's answer for the serial.
 * Never throws, whatever the certificate holds. While one authority replaces another, ask once for each.
 */
export const explainPeer = (question: PeerQuestion): PeerVerdict => judgeLeaf(question, identify);
