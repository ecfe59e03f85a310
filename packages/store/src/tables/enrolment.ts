import { sql } from 'kysely';
import type { Database, Queries } from '../database.ts';
import { storableText } from '../json-text.ts';
import { certificateIssued, insertCertificate, type SignedCertificate } from './certificates.ts';
import { type MadeToken, makeToken } from './join-tokens.ts';
import { appendEvents } from './events.ts';
import { lockNode, type LockedNode } from './find-node.ts';
import { reissue } from './reissue.ts';

/** The node a certificate is signed for, as the administrator knows it. */
export type EnrollingNode = {
  readonly id: string;
  readonly name: string;
  readonly privateIp: string | null;
  readonly publicIp: string | null;
};

export type RedeemRequest = {
  /** The name the agent claims. */
  readonly nodeName: string;
  /** SHA-256 of the token's secret, hexadecimal. */
  readonly secretSha256: string;
  /** SHA-256 of the public key in the CSR, hexadecimal. */
  readonly spkiSha256: string;
  /** Signs the certificate. Called only once the token is found good; when it throws, the token stays unused. May be called again after a deadlock. */
  readonly sign: (node: EnrollingNode) => Promise<SignedCertificate>;
};

export type RedeemRefusal = 'unknown' | 'wrong-name' | 'expired' | 'used' | 'ended' | 'already-registered';

export type RedeemOutcome =
  | {
      readonly ok: true;
      readonly nodeId: string;
      readonly nodeName: string;
      readonly serial: string;
      readonly chainPem: string;
      /** The same agent asked again with the same key: this is the certificate it got then. */
      readonly repeated: boolean;
    }
  | { readonly ok: false; readonly reason: RedeemRefusal; readonly message: string };

/** Join tokens, of which only the hash is kept. */
export type EnrolmentTable = {
  /**
   * Makes the one token with which an agent may become this node, and ends the node's earlier unused ones; event `join-token-made`.
   * Returns when it expires. @throws NodeNotFound; ActionRefused for a node that is registered: its name is not given again by this
   */
  makeToken(nodeIdOrName: string, secretSha256: string, lifetimeSeconds: number): Promise<MadeToken>;
  /**
   * The administrator's yes to a machine that was made anew under the name of a registered node: its certificates are revoked at once, it
   * is pending again, and gets a token; events `certificate-revoked`, `node-reissued`, `join-token-made`. @throws NodeNotFound, ActionRefused
   */
  reissue(nodeIdOrName: string, secretSha256: string, lifetimeSeconds: number, by: string): Promise<MadeToken>;
  /**
   * Gives a certificate for a token, in one transaction that holds the locks of node and token; events `node-registered` and
   * `certificate-issued`. Of any number of agents with one token, one gets a certificate. That one may ask again with the same key
   * within the token's life (its answer may have been lost) and gets the same certificate.
   *
   * A registered node (one whose certificate is proven and not revoked) is enrolled again only after `reissue`: no token, kept from
   * before or made in the moment of its enrolment, can take its place.
   */
  redeem(request: RedeemRequest): Promise<RedeemOutcome>;
};

type TokenRow = {
  node_id: string;
  expired: boolean;
  ended: boolean;
  /** Whether the node has a certificate that a heartbeat proved and nobody revoked. */
  taken: boolean;
  used_spki_sha256: string | null;
  certificate_serial: string | null;
};

const messages: Record<RedeemRefusal, (nodeName: string) => string> = {
  unknown: () => 'The join token is not known here: it is wrong, or its node was removed. Make a new one.',
  'wrong-name': (name) => `The join token is not for ${name}. Make one for this node.`,
  expired: (name) => `The join token of ${name} has expired. Make a new one.`,
  used: (name) => `The join token of ${name} was already used. Make a new one.`,
  ended: (name) => `The join token of ${name} was replaced by a later one. Use that, or make a new one.`,
  'already-registered': (name) =>
    `${name} is registered with another key. If its machine was made anew, an administrator says "muster node reissue ${name}", which makes a new token.`,
};

const refuse = (reason: RedeemRefusal, nodeName: string): RedeemOutcome => ({
  ok: false,
  reason,
  message: messages[reason](storableText(nodeName)),
});

async function lockToken(queries: Queries, secretSha256: string): Promise<{ node: LockedNode; token: TokenRow } | undefined> {
  const owner = await queries.selectFrom('join_tokens').select('node_id').where('secret_sha256', '=', secretSha256).executeTakeFirst();
  if (owner === undefined) return undefined;
  const node = await lockNode(queries, owner.node_id);
  // The locks may have been waited for: ages count from now, not from the start of the transaction.
  const { rows } = await sql<TokenRow>`
    select t.node_id, t.expires_at <= clock_timestamp() as expired, t.ended_at is not null as ended,
      exists (select from certificates c where c.node_id = n.id and c.proven_at is not null and c.revoked_at is null) as taken,
      t.used_spki_sha256, t.certificate_serial
    from join_tokens t join nodes n on n.id = t.node_id
    where t.secret_sha256 = ${secretSha256} for update of t`.execute(queries);
  return rows[0] === undefined ? undefined : { node, token: rows[0] };
}

/** The certificate this token was redeemed for, as long as it was not revoked. */
async function repeat(queries: Queries, node: LockedNode, serial: string): Promise<RedeemOutcome> {
  const certificate = await queries
    .selectFrom('certificates')
    .select(['serial', 'chain_pem'])
    .where('serial', '=', serial)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  if (certificate === undefined) return refuse('used', node.name);
  return { ok: true, nodeId: node.id, nodeName: node.name, serial, chainPem: certificate.chain_pem, repeated: true };
}

async function enrol(queries: Queries, node: LockedNode, request: RedeemRequest): Promise<RedeemOutcome> {
  const signed = await request.sign({ id: node.id, name: node.name, privateIp: node.private_ip, publicIp: node.public_ip });
  await insertCertificate(queries, signed, node.id, node.name);
  await sql`
    update join_tokens set used_at = clock_timestamp(), used_spki_sha256 = ${request.spkiSha256}, certificate_serial = ${signed.serial}
    where secret_sha256 = ${request.secretSha256}`.execute(queries);
  await sql`update nodes set registered_at = clock_timestamp() where id = ${node.id}`.execute(queries);
  const again = node.registered_at !== null;
  await appendEvents(queries, [
    {
      kind: 'node-registered',
      severity: 'info',
      nodeId: node.id,
      nodeName: node.name,
      message: again ? `${node.name} was enrolled again, with a new key.` : `${node.name} was enrolled.`,
      data: { serial: signed.serial, again },
    },
    certificateIssued(signed, node.id, node.name),
  ]);
  return { ok: true, nodeId: node.id, nodeName: node.name, serial: signed.serial, chainPem: signed.chainPem, repeated: false };
}

function redeem(database: Database, request: RedeemRequest): Promise<RedeemOutcome> {
  return database.transaction(async (queries) => {
    const found = await lockToken(queries, request.secretSha256);
    if (found === undefined) return refuse('unknown', request.nodeName);
    const { node, token } = found;
    if (node.name !== request.nodeName) return refuse('wrong-name', request.nodeName);
    if (token.used_spki_sha256 !== null && token.used_spki_sha256 !== request.spkiSha256) return refuse('used', node.name);
    if (token.expired) return refuse('expired', node.name);
    if (token.certificate_serial !== null) return repeat(queries, node, token.certificate_serial);
    if (token.ended) return refuse('ended', node.name);
    if (token.taken) return refuse('already-registered', node.name);
    return enrol(queries, node, request);
  });
}

export function enrolmentTable(database: Database): EnrolmentTable {
  return {
    makeToken: (nodeIdOrName, secretSha256, lifetimeSeconds) => makeToken(database, nodeIdOrName, secretSha256, lifetimeSeconds),
    reissue: (nodeIdOrName, secretSha256, lifetimeSeconds, by) => reissue(database, nodeIdOrName, secretSha256, lifetimeSeconds, by),
    redeem: (request) => redeem(database, request),
  };
}
