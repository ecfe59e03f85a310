import { fingerprint, hostKeyAlgorithmsFor, readKeyType } from './host-key.ts';
import type { HostKeyChecker } from './host-key-checker.ts';
import { type HostIdentity, SshError } from './ssh-error.ts';

/**
 * A checker that knows one host by the keys it was seen with, each as `type base64`, and no file: what a program keeps of the hosts it
 * logs in to by itself. Nobody is asked, nothing is learnt; every other key is refused with `hostKeyChanged`, and a host without a
 * pinned key with `hostKeyUnknown`.
 */
export function pinnedHostKeys(keys: readonly string[]): HostKeyChecker {
  const pinned = keys.map(keyOfLine).filter((key) => key !== undefined);
  return {
    algorithmsFor: () => Promise.resolve(hostKeyAlgorithmsFor(pinned.map((key) => readKeyType(key) ?? ''))),
    verify: (host, key) =>
      pinned.some((one) => one.equals(key)) ? Promise.resolve('accepted') : Promise.reject(refusal(host, key, pinned)),
  };
}

function keyOfLine(line: string): Buffer | undefined {
  const [type, encoded = ''] = line.split(' ');
  const key = Buffer.from(encoded, 'base64');
  return readKeyType(key) === type ? key : undefined;
}

function refusal(host: HostIdentity, key: Buffer, pinned: readonly Buffer[]): SshError {
  const shown = `${readKeyType(key)} ${fingerprint(key)}`;
  if (pinned.length === 0) {
    return new SshError({
      kind: 'hostKeyUnknown',
      host,
      what: `no key of this host was pinned, and it shows ${shown}`,
      advice: 'Run `muster apply` for it: that pins the key which you have verified.',
    });
  }
  return new SshError({
    kind: 'hostKeyChanged',
    host,
    what: `the host key has changed: the host shows ${shown}, pinned is ${pinned.map((one) => `${readKeyType(one)} ${fingerprint(one)}`).join(', ')}`,
    advice:
      'Someone may be listening in between. If the host was reinstalled, run `muster apply` for it: that pins the new key once you have verified it.',
  });
}
