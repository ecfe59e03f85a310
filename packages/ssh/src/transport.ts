import { access } from 'node:fs/promises';
import { readKeyType } from './host-key.ts';
import type { ResolvedLogin } from './host-login.ts';
import { readPublicKeyBeside } from './private-key.ts';
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
  return await securityKeyReason(file);
}

async function securityKeyReason(file: string): Promise<string | undefined> {
  const type = readKeyType((await readPublicKeyBeside(file)) ?? Buffer.alloc(0));
  return type?.startsWith('sk-') === true ? `the security key ${file}` : undefined;
}

/**
 * Why OpenSSH is worth a try after the built-in client has failed: they have no algorithm in common, or the login was refused and the
 * agent or OpenSSH's default files hold what only OpenSSH can show. Empty when it is not. Security keys that nobody named come last, because each
 * login with one may want a touch.
 */
export async function reasonsAfterFailure(error: unknown, login: ResolvedLogin): Promise<string[]> {
  if (isSshError(error, 'authFailed')) {
    return await reasonsAfterRefusal(login);
  }
  return isSshError(error, 'handshakeFailed') && /no matching/iu.test(error.what) ? ['algorithms that the built-in client lacks'] : [];
}

async function reasonsAfterRefusal({ keys, target }: ResolvedLogin): Promise<string[]> {
  const inAgent = (await keys.agentHoldsBeyondUs()) ? ['a certificate or security key in the agent'] : [];
  const isDefault = target.privateKeyFile === undefined && target.identityFiles === undefined;
  const ofFiles = isDefault ? await Promise.all(keys.defaultSecurityKeyFiles.map(securityKeyReason)) : [];
  return [...inAgent, ...ofFiles.filter((reason) => reason !== undefined)];
}
