import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AgentError } from '../agent-error.ts';
import { checkChain, nodeIdOf, readRoots, rootOfChain } from '../identity/certificate-chain.ts';

/** By what a node proves who it is: a key with its certificate, and the root it trusts. One generation of it. */
export type Identity = {
  readonly generation: number;
  readonly nodeId: string;
  readonly keyPem: string;
  /** Leaf and intermediate, as they are presented. */
  readonly chainPem: string;
  /** The root that the chain leads to. */
  readonly rootPem: string;
  /** Of the root: SHA-256, hexadecimal. */
  readonly rootFingerprint: string;
  /** Hexadecimal. */
  readonly serial: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
};

/** Names of the files in a generation's folder. Other programs on the host may read them by `identity/current/`. */
export const identityFiles = { key: 'key.pem', chain: 'chain.pem', root: 'root.pem', request: 'request.json' } as const;

/** Reads and checks a complete generation. Throws when a file is missing or they do not belong together. */
export async function readIdentity(folder: string, generation: number): Promise<Identity> {
  const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');
  const [keyPem, chainPem, rootPem] = await Promise.all([read(identityFiles.key), read(identityFiles.chain), read(identityFiles.root)]);
  const leaf = checkChain({ keyPem, chainPem, rootPem });
  const nodeId = nodeIdOf(leaf);
  if (nodeId === undefined) throw new AgentError('failed', `The certificate in ${folder} names no node`);
  const { serialNumber, validFromDate, validToDate } = leaf;
  return {
    generation,
    nodeId,
    keyPem,
    chainPem,
    rootPem,
    rootFingerprint: rootOfChain(chainPem, readRoots(rootPem)).fingerprint,
    serial: serialNumber,
    notBeforeMs: validFromDate.getTime(),
    notAfterMs: validToDate.getTime(),
  };
}
