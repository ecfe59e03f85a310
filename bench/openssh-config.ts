import type { Lab } from '@muster/lab';

/** What OpenSSH is told: the lab's hosts, key and host keys, the key exchange and the cipher that all contenders use, which are those of Muster's own client. */
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
    '  Ciphers aes128-gcm@openssh.com',
    '  BatchMode yes',
    '  ControlMaster no',
  ];
  return `${hosts}${common.join('\n')}\n`;
}
