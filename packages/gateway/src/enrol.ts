import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { EnrolmentRequest, NodeName, problem, ProblemError, type EnrolmentAnswer } from '@muster/api';
import type { Clock, Log } from '@muster/core';
import { AuthorityRetired, isStoreUnavailable, type Store } from '@muster/store';
import { csrFacts, isTrustError } from '@muster/trust';
import { addressesOf } from './desk.ts';
import type { NumberedAuthority } from './gateway-options.ts';
import { readBody } from './read-body.ts';
import type { Refusal } from './refusals.ts';
import { signedCertificate } from './signed-certificate.ts';

export type EnrolParts = {
  readonly store: Store;
  /** The one the agent was shown, which its token names. */
  readonly authority: NumberedAuthority;
  readonly clock: Clock;
  readonly log: Log;
  readonly certificateLifetimeDays: number;
  /** Those of a node, in its own order. */
  readonly servers: (nodeId: string) => readonly string[];
  readonly note: (refusal: Refusal, nodeName?: string) => void;
};

/**
 * `POST /enroll`: a join token and a CSR become a certificate. The one request at this door without a certificate; the same token
 * and key may ask again, for the answer that was lost.
 * @throws ProblemError, and nothing else
 */
export async function enrol(request: IncomingMessage, parts: EnrolParts): Promise<EnrolmentAnswer> {
  try {
    return await answer(readRequest(await readBody(request)), parts);
  } catch (error) {
    throw problemOf(error, parts.log);
  }
}

function readRequest(text: string): EnrolmentRequest {
  const body = EnrolmentRequest.safeParse(JSON.parse(text));
  if (!body.success)
    throw problem('invalid-request', 'The enrolment request is not of this protocol: are agent and server of versions that fit?');
  if (!NodeName.safeParse(body.data.name).success)
    throw problem('invalid-request', 'The name in the enrolment request is not one of a node.');
  return body.data;
}

async function answer(request: EnrolmentRequest, parts: EnrolParts): Promise<EnrolmentAnswer> {
  const { authority, note } = parts;
  const outcome = await redeem(request, parts).catch((error: unknown) => {
    if (isTrustError(error)) note({ reason: 'bad-csr', message: error.message }, request.name);
    throw error;
  });
  if (!outcome.ok) {
    note({ reason: `token-${outcome.reason}`, message: outcome.message }, request.name);
    throw problem('not-allowed', outcome.message);
  }
  const { nodeId, nodeName, chainPem } = outcome;
  return { nodeId, nodeName, chainPem, rootPem: authority.rootPem, servers: parts.servers(nodeId) };
}

async function redeem({ name, secret, csrPem }: EnrolmentRequest, { store, authority, clock, certificateLifetimeDays }: EnrolParts) {
  const { spkiSha256 } = await csrFacts(csrPem);
  return store.enrolment.redeem({
    nodeName: name,
    secretSha256: createHash('sha256').update(secret).digest('hex'),
    spkiSha256,
    sign: async (node) => {
      const request = { csrPem, nodeId: node.id, nodeName: node.name, addresses: addressesOf(node) };
      const now = new Date(clock.wallMs());
      return signedCertificate(await authority.signNode({ ...request, lifetimeDays: certificateLifetimeDays, now }), authority);
    },
  });
}

function problemOf(error: unknown, log: Log): ProblemError {
  if (error instanceof ProblemError) return error;
  const options = { cause: error };
  if (isTrustError(error)) return problem('invalid-request', error.message, undefined, options);
  if (error instanceof SyntaxError) return problem('invalid-request', 'The body is not JSON.', undefined, options);
  if (error instanceof AuthorityRetired)
    return problem('store-unavailable', `${error.message} The join token has to be a new one.`, undefined, options);
  if (isStoreUnavailable(error))
    return problem('store-unavailable', 'The database is away for the moment. Try again in some seconds.', undefined, options);
  log.error({ error: String(error) }, 'an enrolment failed');
  return problem('internal-error', 'The enrolment failed inside the server; its log says why.', undefined, options);
}
