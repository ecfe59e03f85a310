import type { TLSSocket } from 'node:tls';
import type { Clock } from '@muster/core';
import type { Store } from '@muster/store';
import { explainPeer, type Authority } from '@muster/trust';
import type { Refusal } from './refusals.ts';
import type { SessionIdentity } from './session-identity.ts';

/** Either whose connection it is, or why it is refused. */
export type PeerCheck =
  | { readonly ok: true; readonly identity: SessionIdentity }
  | { readonly ok: false; readonly refusal: Refusal; readonly nodeId?: string; readonly nodeName?: string };

export type PeerCheckParts = { readonly authority: Authority; readonly store: Store; readonly clock: Clock };

/**
 * Checks the certificate of a connection, on every connection and also on a resumed TLS session, whose certificate is the one
 * of the session it resumes: signature, dates, key and names by itself, then the serial in the store.
 */
export async function checkPeer(socket: TLSSocket, { authority, store, clock }: PeerCheckParts): Promise<PeerCheck> {
  // Without a certificate there is no object at all, or an empty one.
  const { raw } = (socket.getPeerCertificate() as { raw?: Buffer } | undefined) ?? {};
  if (raw === undefined)
    return refuse('no-certificate', 'No client certificate was shown. Enrol first: muster-agent enroll --token-file FILE.');
  const { rootPem, intermediatePem } = authority;
  const peer = explainPeer({ certificateDer: raw, rootPem, intermediatePem, now: new Date(clock.wallMs()) });
  if (!peer.ok) return refuse(peer.reason, peer.message);
  const status = await store.certificates.status(peer.serial);
  if (status === undefined || status.nodeId !== peer.nodeId)
    return refuse('unknown-serial', `Certificate ${peer.serial} was not issued by this installation, or its record is gone.`);
  const { nodeId, nodeName } = status;
  const known = { nodeId, nodeName };
  if (!status.nodeExists) return { ...refuse('node-removed', `Node ${nodeName} was removed.`), ...known };
  if (status.revoked)
    return {
      ...refuse('revoked', `Certificate ${peer.serial} of ${nodeName} is revoked (${status.reason ?? 'no reason kept'}).`),
      ...known,
    };
  return { ok: true, identity: { nodeId, nodeName, serial: peer.serial } };
}

const refuse = (reason: string, message: string) => ({ ok: false as const, refusal: { reason, message } });
