import { readKeyType } from './host-key.ts';

const SUFFIX = '-cert-v01@openssh.com';

/** How many fields the public key itself has in a certificate, after the type and the nonce (PROTOCOL.certkeys). */
const KEY_FIELDS: ReadonlyMap<string, number> = new Map([
  ['ssh-ed25519', 1],
  ['ssh-rsa', 2],
  ['ecdsa-sha2-nistp256', 2],
  ['ecdsa-sha2-nistp384', 2],
  ['ecdsa-sha2-nistp521', 2],
]);

/** A host key as `type base64`; of a certificate the plain key in it. Empty for what is neither. */
export function plainHostKeyLine(line: string): string {
  const blob = Buffer.from(line.split(' ')[1] ?? '', 'base64');
  const type = readKeyType(blob) ?? '';
  if (!type.endsWith(SUFFIX)) {
    return type === '' ? '' : `${type} ${blob.toString('base64')}`;
  }
  const plainType = type.slice(0, -SUFFIX.length);
  const count = KEY_FIELDS.get(plainType);
  const fields = count === undefined ? [] : readFields(blob, 2 + count).slice(2);
  return fields.length === 0
    ? ''
    : `${plainType} ${Buffer.concat([field(Buffer.from(plainType)), ...fields.map(field)]).toString('base64')}`;
}

function readFields(blob: Buffer, count: number): Buffer[] {
  const fields: Buffer[] = [];
  for (let at = 0; fields.length < count;) {
    const end = at + 4 <= blob.length ? at + 4 + blob.readUInt32BE(at) : Number.POSITIVE_INFINITY;
    if (end > blob.length) {
      return [];
    }
    fields.push(blob.subarray(at + 4, end));
    at = end;
  }
  return fields;
}

function field(content: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  return Buffer.concat([length, content]);
}
