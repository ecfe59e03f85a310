import { access } from 'node:fs/promises';
import { readKeyType } from './host-key.ts';
import type { ResolvedLogin } from './host-login.ts';
import { readPublicKeyFile } from './private-key.ts';
import { isSshError } from './ssh-error.ts';

/** Which SSH client carries a connection: the built-in one, the `ssh` program, or the first unless only the second can. */
export type Transport = 'auto' | 'ssh2' | 'openssh';

/** The names of the transports, for options and variables. */
export const transports: readonly Transport[] = ['auto', 'ssh2', 'openssh'];

/** The reason of hosts that are known by a certificate authority alone. */
export const HOST_CERTIFICATE = 'a host certificate';

/** What a login needs that only OpenSSH has, known before the first packet. Empty when the built-in client can do it. */
export async function reasonsForOpenSsh(login: ResolvedLogin): Promise<string[]> {
  const { target, keys, hostKeys, beyondUs } = login;
  const files = target.privateKeyFile === undefined ? (target.identityFiles ?? keys.defaultFiles) : [target.privateKeyFile];
  const ofKeys = await Promise.all(files.map(reasonOfKey));
  const authority = (await hostKeys.knowsAuthorityOnly?.(target)) === true ? [HOST_CERTIFICATE] : [];
  return [...beyondUs, ...ofKeys.filter((reason) => reason !== undefined), ...authority];
}

async function reasonOfKey(file: string): Promise<string | undefined> {
  const certificate = `${file}-cert.pub`;
  const hasCertificate = await access(certificate).then(
    () => true,
    () => false,
  );
  if (hasCertificate) {
    return `the certificate ${certificate}`;
  }
  const type = readKeyType((await readPublicKeyFile(file)) ?? Buffer.alloc(0));
  return type?.startsWith('sk-') === true ? `the security key ${file}` : undefined;
}

/**
 * Whether OpenSSH is worth a try after the built-in client has failed: they have no algorithm in common, or the login was refused and
 * the agent holds what only OpenSSH can show.
 */
export async function isBeyondBuiltIn(error: unknown, { keys }: ResolvedLogin): Promise<boolean> {
  if (isSshError(error, 'authFailed')) {
    return await keys.agentHoldsBeyondUs();
  }
  return isSshError(error, 'handshakeFailed') && /no matching/iu.test(error.what);
}
