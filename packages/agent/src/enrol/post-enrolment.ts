import { request } from 'node:https';
import { checkServerIdentity } from 'node:tls';
import { authorityHint, serverIdentity, type EnrolmentAnswer, type EnrolmentRequest } from '@muster/api/agent';
import { AgentError, messageOf } from '../agent-error.ts';
import { readRoots } from '../identity/certificate-chain.ts';
import type { ServerAddress } from '../connection/server-address.ts';

const timeoutMs = 30_000;
const maxAnswerBytes = 131_072;

type Answer = { readonly status: number; readonly body: string };

/**
 * Sends the request to a server that this root certifies. Throws an `AgentError`: `unreachable` when there was no answer (the
 * server may have acted on it; the same request can be repeated), `refused` with the server's own words.
 */
export async function postEnrolment(server: ServerAddress, rootPem: string, body: EnrolmentRequest): Promise<EnrolmentAnswer> {
  const where = `${server.host}:${server.port}`;
  const answer = await post(server, rootPem, JSON.stringify(body)).catch((error: unknown) => {
    throw new AgentError('unreachable', `${where} gave no answer to the enrolment: ${messageOf(error)}`, error);
  });
  const value = parse(answer.body);
  if (answer.status >= 500 || answer.status === 429)
    throw new AgentError('unreachable', `${where} cannot enrol now: ${problemIn(value, answer.status)}`);
  if (answer.status >= 300) throw new AgentError('refused', `${where} refused to enrol ${body.name}: ${problemIn(value, answer.status)}`);
  const read = readEnrolmentAnswer(value);
  if (read === undefined) throw new AgentError('failed', `${where} gave an answer to the enrolment that this agent does not understand`);
  return read;
}

function post(server: ServerAddress, rootPem: string, body: string): Promise<Answer> {
  const [root] = readRoots(rootPem);
  const rootFingerprint = root?.fingerprint ?? '';
  return new Promise((resolve, reject) => {
    const call = request(
      {
        ...server,
        method: 'POST',
        path: '/enroll',
        ca: rootPem,
        servername: authorityHint(rootFingerprint),
        checkServerIdentity: (_asked, certificate) => checkServerIdentity(serverIdentity, certificate),
        agent: false,
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          accept: 'application/json, application/problem+json',
        },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
          if (text.length > maxAnswerBytes) call.destroy(new Error('the answer is too long'));
        });
        response.once('error', reject);
        response.once('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
      },
    );
    const timer = setTimeout(() => call.destroy(new Error(`nothing within ${timeoutMs / 1000} s`)), timeoutMs);
    call.once('close', () => clearTimeout(timer));
    call.once('error', reject);
    call.end(body);
  });
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/** What a problem+json answer (RFC 9457) says, bounded and on one line. */
function problemIn(value: Readonly<Record<string, unknown>>, status: number): string {
  const { code, detail, title } = value;
  const words = [detail, title].find((one) => typeof one === 'string') ?? `HTTP status ${status}`;
  return messageOf(typeof code === 'string' ? `${words} (${code})` : words).slice(0, 500);
}

function readEnrolmentAnswer(value: Readonly<Record<string, unknown>>): EnrolmentAnswer | undefined {
  const { nodeId, nodeName, chainPem, rootPem, servers } = value;
  if (typeof nodeId !== 'string' || typeof nodeName !== 'string' || typeof chainPem !== 'string' || typeof rootPem !== 'string')
    return undefined;
  if (!Array.isArray(servers) || !servers.every((one): one is string => typeof one === 'string')) return undefined;
  return { nodeId, nodeName, chainPem, rootPem, servers };
}
