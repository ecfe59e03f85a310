import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { EnrolmentRequest, problem, ProblemError, type EnrolmentAnswer } from '@muster/api';
import type { Clock } from '@muster/core';
import { isStoreUnavailable, type Store } from '@muster/store';
import { csrFacts, TrustError, type Authority } from '@muster/trust';
import { addressesOf } from './desk.ts';
import type { Refusal } from './refusals.ts';
import { signedCertificate } from './signed-certificate.ts';

export type EnrolParts = {
  readonly store: Store;
  readonly authority: Authority;
  readonly clock: Clock;
  readonly certificateLifetimeDays: number;
  readonly servers: () => readonly string[];
  readonly note: (refusal: Refusal, nodeName: string | undefined) => void;
};

const maxBodyBytes = 16_384;

/** Answers `POST /enroll`: a join token and a CSR become a certificate. The one request at this door without a certificate. */
export async function answerEnrolment(request: IncomingMessage, response: ServerResponse, parts: EnrolParts): Promise<void> {
  try {
    const body = EnrolmentRequest.safeParse(JSON.parse(await readBody(request)));
    if (!body.success) throw problem('invalid-request', 'The enrolment request is not of this protocol: are agent and server of versions that fit?');
    sendJson(response, 200, await enrol(body.data, parts));
  } catch (error) {
    const { problem: body } = problemOf(error);
    sendJson(response, body.status, body);
  }
}

async function enrol(request: EnrolmentRequest, parts: EnrolParts): Promise<EnrolmentAnswer> {
  const { store, authority, clock, note } = parts;
  const { spkiSha256 } = await csrFacts(request.csrPem).catch((error: unknown) => {
    note({ reason: 'bad-csr', message: String(error) }, request.name);
    throw error;
  });
  const outcome = await store.enrolment.redeem({
    nodeName: request.name,
    secretSha256: createHash('sha256').update(request.secret).digest('hex'),
    spkiSha256,
    sign: async (node) =>
      signedCertificate(
        await authority.signNode({
          csrPem: request.csrPem,
          nodeId: node.id,
          nodeName: node.name,
          addresses: addressesOf(node),
          lifetimeDays: parts.certificateLifetimeDays,
          now: new Date(clock.wallMs()),
        }),
      ),
  });
  if (!outcome.ok) {
    note({ reason: `token-${outcome.reason}`, message: outcome.message }, request.name);
    throw problem('not-allowed', outcome.message);
  }
  return {
    nodeId: outcome.nodeId,
    nodeName: outcome.nodeName,
    chainPem: outcome.chainPem,
    rootPem: authority.rootPem,
    servers: parts.servers(),
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) throw problem('invalid-request', `An enrolment request has at most ${maxBodyBytes} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function problemOf(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  if (error instanceof TrustError) return problem('invalid-request', error.message, undefined, { cause: error });
  if (error instanceof SyntaxError) return problem('invalid-request', 'The body is not JSON.', undefined, { cause: error });
  if (isStoreUnavailable(error)) return problem('store-unavailable', 'The database is away for the moment. Try again.', undefined, { cause: error });
  return problem('internal-error', 'The enrolment failed inside the server; its log says why.', undefined, { cause: error });
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const type = status < 400 ? 'application/json' : 'application/problem+json';
  response.writeHead(status, { 'content-type': type, connection: 'close' });
  response.end(JSON.stringify(body));
}
