import { X509Certificate } from 'node:crypto';
import { request } from 'node:https';
import { decodeJoinToken, type EnrolmentAnswer } from '@muster/api/agent';
import { makeKeyAndCsr } from '@muster/trust';
import type { Identity } from '../../src/state/identity.ts';

/** Gets a certificate for a key made here, as an agent does. From an address of its own: one address may not enrol a thousand in a minute. */
export async function enrolForLoad(token: string, index: number): Promise<Identity> {
  const content = decodeJoinToken(token);
  const [server = ''] = content?.servers ?? [];
  if (content === undefined) throw new Error(`line ${index + 1} is no join token`);
  const { keyPem, csrPem } = await makeKeyAndCsr({ nodeName: content.name });
  const body = JSON.stringify({ name: content.name, secret: content.secret, csrPem });
  const { nodeId, chainPem, rootPem } = JSON.parse(await post(server, body, `127.1.${index >> 8}.${index & 255}`)) as EnrolmentAnswer;
  const fingerprint = new X509Certificate(rootPem).fingerprint256.replaceAll(':', '').toLowerCase();
  if (fingerprint !== content.caFingerprint) throw new Error(`${content.name}: the server is of another authority than the token`);
  const leaf = new X509Certificate(chainPem);
  const [notBeforeMs, notAfterMs] = [Date.parse(leaf.validFrom), Date.parse(leaf.validTo)];
  return {
    generation: 1,
    nodeId,
    keyPem,
    chainPem,
    rootPem,
    rootFingerprint: fingerprint,
    serial: leaf.serialNumber,
    notBeforeMs,
    notAfterMs,
  };
}

function post(server: string, body: string, localAddress: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname: host, port } = new URL(`https://${server}`);
    // What the token says of the authority is compared with the answer.
    const call = request(
      { host, port, localAddress, method: 'POST', path: '/enroll', rejectUnauthorized: false, agent: false },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.once('end', () =>
          response.statusCode === 200 ? resolve(text) : reject(new Error(`enrolment: ${response.statusCode} ${text}`)),
        );
      },
    );
    call.once('error', reject);
    call.end(body);
  });
}
