import type { IncomingMessage } from 'node:http';
import { problem } from '@muster/api';

const maxBodyBytes = 16_384;

/** The body of a request as text. @throws ProblemError `invalid-request` for a body that is too long; the request stays open for the answer */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Leaving the loop early must not end the connection: the sender has to hear why.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) throw problem('invalid-request', `An enrolment request has at most ${maxBodyBytes} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
