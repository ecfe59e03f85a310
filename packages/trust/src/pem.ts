import { createHash } from 'node:crypto';
import { TrustError } from './trust-error.ts';

/** One `-----BEGIN label-----` block. */
export type PemBlock = { readonly label: string; readonly der: Buffer };

const begin = '-----BEGIN ';
const dashes = '-----';
const longestLabel = 40;

function malformed(what: string): TrustError {
  return new TrustError({ code: 'pem-malformed', what, advice: 'Give PEM text as it was written, with its BEGIN and END lines.' });
}

function readBlock(text: string, start: number): { readonly block: PemBlock; readonly end: number } {
  const labelStart = start + begin.length;
  const labelEnd = text.indexOf(dashes, labelStart);
  const label = text.slice(labelStart, labelEnd);
  if (labelEnd === -1 || label.length > longestLabel || !/^[A-Z0-9]+(?: [A-Z0-9]+)*$/u.test(label))
    throw malformed('a BEGIN line is damaged');
  const bodyStart = labelEnd + dashes.length;
  const endMarker = `-----END ${label}-----`;
  const bodyEnd = text.indexOf(endMarker, bodyStart);
  if (bodyEnd === -1) throw malformed(`the END line of ${label} is missing`);
  const base64 = text.slice(bodyStart, bodyEnd).replaceAll(/\s/gu, '');
  if (base64.length === 0 || base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/u.test(base64))
    throw malformed(`the body of ${label} is not base64`);
  return { block: { label, der: Buffer.from(base64, 'base64') }, end: bodyEnd + endMarker.length };
}

/**
 * The blocks of a PEM text in their order (RFC 7468); text between them is ignored, as every reader of PEM does.
 * Takes time in proportion to the text's length, whatever it contains.
 * @throws TrustError `pem-malformed` when a block is damaged. No block at all is an empty list.
 */
export function readPem(text: string): readonly PemBlock[] {
  const blocks: PemBlock[] = [];
  for (let start = text.indexOf(begin); start !== -1;) {
    const { block, end } = readBlock(text, start);
    blocks.push(block);
    start = text.indexOf(begin, end);
  }
  return blocks;
}

/** DER as PEM with lines of 64 characters and a final newline. */
export function writePem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/gu) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

function certificateBlocks(pem: string): readonly PemBlock[] {
  const blocks = readPem(pem);
  if (blocks.length === 0) throw malformed('there is no certificate in this text');
  const other = blocks.find((block) => block.label !== 'CERTIFICATE');
  if (other !== undefined) throw malformed(`a ${other.label} stands where only certificates are expected`);
  return blocks;
}

/**
 * The certificates of a chain, each as its own PEM text, in the order they stand.
 * @throws TrustError `pem-malformed` when there is none, one is damaged, or something else (a key!) is among them.
 */
export function splitPemChain(pem: string): readonly string[] {
  return certificateBlocks(pem).map((block) => writePem('CERTIFICATE', block.der));
}

/**
 * SHA-256 of a certificate in DER, lower-case hexadecimal: what a join token carries of the root.
 * @throws TrustError `pem-malformed` unless the text holds exactly one certificate.
 */
export function fingerprintOf(certificatePem: string): string {
  const blocks = certificateBlocks(certificatePem);
  const only = blocks[0];
  if (only === undefined || blocks.length !== 1) throw malformed('a fingerprint is of one certificate, this text holds several');
  return createHash('sha256').update(only.der).digest('hex');
}
