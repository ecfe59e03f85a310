import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import type { TestAgent } from './test-agent.ts';

/** A security key (FIDO) without a device: the same bytes on the wire, signed in memory (OpenSSH's PROTOCOL.u2f). */
export interface SoftSecurityKey {
  readonly type: SecurityKeyType;
  readonly publicBlob: Buffer;
  /** As in a `.pub` file and in authorized_keys. */
  readonly publicLine: string;
  /** As much of the private file as shows the public half: what is behind it needs the device. */
  readonly privateFile: string;
  signatureOf(data: Buffer): Buffer;
}

export type SecurityKeyType = 'sk-ssh-ed25519@openssh.com' | 'sk-ecdsa-sha2-nistp256@openssh.com';

const APPLICATION = 'ssh:';
/** Somebody has touched the device. */
const USER_PRESENT = 1;

/** A length, then the bytes: the string of SSH. */
function sshString(content: string | Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  return Buffer.concat([length, Buffer.from(content)]);
}

const sha256 = (data: Buffer | string): Buffer => createHash('sha256').update(data).digest();

/** A key of its own, made anew. */
export function makeSecurityKey(type: SecurityKeyType): SoftSecurityKey {
  const isEd25519 = type.includes('ed25519');
  const { publicKey, privateKey } = isEd25519 ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const der = publicKey.export({ type: 'spki', format: 'der' });
  const point = isEd25519 ? [sshString(der.subarray(-32))] : [sshString('nistp256'), sshString(der.subarray(-65))];
  const publicBlob = Buffer.concat([sshString(type), ...point, sshString(APPLICATION)]);
  const head = [Buffer.from('openssh-key-v1\0'), sshString('none'), sshString('none'), sshString(''), Buffer.from([0, 0, 0, 1])];
  const body = Buffer.concat([...head, sshString(publicBlob)]).toString('base64');
  return {
    type,
    publicBlob,
    publicLine: `${type} ${publicBlob.toString('base64')} soft\n`,
    privateFile: `-----BEGIN OPENSSH PRIVATE KEY-----\n${body}\n-----END OPENSSH PRIVATE KEY-----\n`,
    signatureOf: (data) => signature(type, privateKey, data),
  };
}

let counter = 0;

function signature(type: SecurityKeyType, key: KeyObject, data: Buffer): Buffer {
  counter += 1;
  const flagsAndCounter = Buffer.alloc(5);
  flagsAndCounter.writeUInt8(USER_PRESENT);
  flagsAndCounter.writeUInt32BE(counter, 1);
  const message = Buffer.concat([sha256(APPLICATION), flagsAndCounter, sha256(data)]);
  const signed = type.includes('ed25519')
    ? sign(null, message, key)
    : twoNumbers(sign('sha256', message, { key, dsaEncoding: 'ieee-p1363' }));
  return Buffer.concat([sshString(type), sshString(signed), flagsAndCounter]);
}

/** An ECDSA signature as two numbers of SSH: without leading zeros, but never with the first bit set. */
function twoNumbers(raw: Buffer): Buffer {
  return Buffer.concat([raw.subarray(0, 32), raw.subarray(32)].map(sshNumber));
}

function sshNumber(bytes: Buffer): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  const short = bytes.subarray(first);
  return sshString((short[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.from([0]), short]) : short);
}

const [FAILURE, LIST, LISTED, SIGN, SIGNED] = [5, 11, 12, 13, 14];

/** An ssh-agent that holds such keys, which the real one takes from a device only. The caller stops it. */
export async function startSecurityKeyAgent(folder: string, keys: readonly SoftSecurityKey[]): Promise<TestAgent> {
  const socket = join(folder, 'security-keys.sock');
  const server = createServer((client) => void serve(client, keys).catch(() => client.destroy())).listen(socket);
  await once(server, 'listening');
  return { socket, stop: () => void server.close() };
}

async function serve(client: Socket, keys: readonly SoftSecurityKey[]): Promise<void> {
  let received = Buffer.alloc(0);
  for await (const chunk of client) {
    received = Buffer.concat([received, chunk as Buffer]);
    while (received.length >= 4 && received.length >= 4 + received.readUInt32BE(0)) {
      const end = 4 + received.readUInt32BE(0);
      client.write(sshString(answerTo(received.subarray(4, end), keys)));
      received = received.subarray(end);
    }
  }
}

function answerTo(request: Buffer, keys: readonly SoftSecurityKey[]): Buffer {
  if (request[0] === LIST) {
    const entries = keys.flatMap(({ publicBlob, type }) => [sshString(publicBlob), sshString(type)]);
    return Buffer.concat([Buffer.from([LISTED ?? 0, 0, 0, 0, keys.length]), ...entries]);
  }
  if (request[0] !== SIGN) {
    return Buffer.from([FAILURE ?? 0]);
  }
  const blobEnd = 5 + request.readUInt32BE(1);
  const key = keys.find(({ publicBlob }) => publicBlob.equals(request.subarray(5, blobEnd)));
  const data = request.subarray(blobEnd + 4, blobEnd + 4 + request.readUInt32BE(blobEnd));
  return key === undefined ? Buffer.from([FAILURE ?? 0]) : Buffer.concat([Buffer.from([SIGNED ?? 0]), sshString(key.signatureOf(data))]);
}
