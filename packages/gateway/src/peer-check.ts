import type { TLSSocket } from 'node:tls';
import type { Clock, RateLimit } from '@muster/core';
import type { Store } from '@muster/store';
import { explainPeer, type PeerVerdict } from '@muster/trust';
import type { Authorities } from './gateway-options.ts';
import type { Refusal } from './refusals.ts';
import type { SessionIdentity } from './session-identity.ts';

/** Either whose connection it is, or why it is refused. */
export type PeerCheck =
  | { readonly ok: true; readonly identity: SessionIdentity }
  | { readonly ok: false; readonly refusal: Refusal; readonly nodeId?: string; readonly nodeName?: string };

export type PeerCheckParts = {
  readonly authorities: Authorities;
  readonly store: Store;
  readonly clock: Clock;
  /** How often a stranger's certificate may make the server look for a new authority. */
  readonly lookAgain: RateLimit;
};

/**
 * Checks the certificate of a connection, on every connection and also on a resumed TLS session, whose certificate is the one
 * of the session it resumes: signature, dates, key and names by itself, then the serial in the store.
 */
export async function checkPeer(socket: TLSSocket, parts: PeerCheckParts): Promise<PeerCheck> {
  const raw = shownCertificate(socket);
  if (raw === undefined)
    return refuse('no-certificate', 'No client certificate was shown. Enrol first: muster-agent enroll --token-file FILE.');
  const peer = await judgedByAll<PeerVerdict>(parts, (authority) => explainPeer({ certificateDer: raw, ...authority }));
  if (!peer.ok) return refuse(peer.reason, peer.message);
  const status = await parts.store.certificates.status(peer.serial);
  if (status === undefined || status.nodeId !== peer.nodeId)
    return refuse('unknown-serial', `Certificate ${peer.serial} was not issued by this installation, or its record is gone.`);
  const { nodeId, nodeName, authority } = status;
  const known = { nodeId, nodeName };
  if (!status.nodeExists) return { ...refuse('node-removed', `Node ${nodeName} was removed.`), ...known };
  if (status.revoked)
    return {
      ...refuse('revoked', `Certificate ${peer.serial} of ${nodeName} is revoked (${status.reason ?? 'no reason kept'}).`),
      ...known,
    };
  return { ok: true, identity: { nodeId, nodeName, serial: peer.serial, notAfterMs: peer.notAfter.getTime(), authority } };
}

/** The certificate that was shown, DER. Without one there is no object at all, or an empty one. */
export const shownCertificate = (socket: TLSSocket): Buffer | undefined =>
  (socket.getPeerCertificate() as { raw?: Buffer } | undefined)?.raw;

type Verdict = { readonly ok: true } | Extract<PeerVerdict, { readonly ok: false }>;
type Measure = { readonly rootPem: string; readonly intermediatePem: string; readonly now: Date };

/** By each authority in force. One that this server has not heard of yet may have been made on another a moment ago. @throws StoreUnavailable */
export async function judgedByAll<V extends Verdict>(
  { authorities, clock, lookAgain }: PeerCheckParts,
  judge: (authority: Measure) => V,
): Promise<V | Extract<PeerVerdict, { readonly ok: false }>> {
  const ask = () => {
    const verdicts = authorities
      .trusted()
      .map(({ rootPem, intermediatePem }) => judge({ rootPem, intermediatePem, now: new Date(clock.wallMs()) }));
    return verdicts.find((one) => one.ok || one.reason !== 'wrong-authority') ?? verdicts[0] ?? nobody;
  };
  const first = ask();
  if (first.ok || first.reason !== 'wrong-authority' || !lookAgain.take('')) return first;
  await authorities.refresh();
  return ask();
}

const nobody: Extract<PeerVerdict, { readonly ok: false }> = {
  ok: false,
  reason: 'authority-unreadable',
  message: 'there is no authority',
};

const refuse = (reason: string, message: string) => ({ ok: false as const, refusal: { reason, message } });
