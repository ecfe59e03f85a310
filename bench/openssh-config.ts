import type { Lab } from '@muster/lab';

/** What OpenSSH is told: the lab's hosts, key and host keys, and the key exchange that all contenders use. */
export function opensshConfig(lab: Lab): string {
  const hosts = lab.hosts.map(({ name, address }) => `Host ${name}\n  HostName ${address}\n`).join('');
  const common = [
    'Host *',
    '  User muster-lab',
    `  IdentityFile ${lab.privateKeyPath}`,
    '  IdentitiesOnly yes',
    `  UserKnownHostsFile ${lab.knownHostsPath}`,
    '  StrictHostKeyChecking yes',
    '  KexAlgorithms curve25519-sha256',
    '  BatchMode yes',
    '  ControlMaster no',
  ];
  return `${hosts}${common.join('\n')}\n`;
}
