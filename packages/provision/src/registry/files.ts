import { stringify } from 'yaml';
import type { ManagedFile } from '../host/managed-file.ts';
import { registryPort } from './endpoint.ts';

export const registryUnit = 'docker-registry.service';
export const registryConfigPath = '/etc/docker/registry/config.yml';
export const registryDropInPath = `/etc/systemd/system/${registryUnit}.d/muster.conf`;
const registryHookPath = '/etc/muster/hooks.d/50-muster-registry';
export const registryFolder = '/var/lib/docker-registry';
/** The node's certificate, renewed by its agent. */
export const certificateFolder = '/etc/muster/pki/current';

const marker = '# Written by "muster apply".\n';

/** What the registry reads. It is read-only for the network: images come in by a second one that only this host reaches. Pure. */
export function registryFiles(): ManagedFile[] {
  const config = {
    version: 0.1,
    log: { fields: { service: 'registry' } },
    storage: {
      filesystem: { rootdirectory: registryFolder },
      maintenance: { uploadpurging: { enabled: false }, readonly: { enabled: true } },
    },
    http: {
      addr: `:${registryPort}`,
      headers: { 'X-Content-Type-Options': ['nosniff'] },
      tls: { certificate: `${certificateFolder}/chain.pem`, key: `${certificateFolder}/key.pem` },
    },
  };
  return [
    { path: registryConfigPath, mode: 0o644, content: marker + stringify(config) },
    {
      path: registryDropInPath,
      mode: 0o644,
      content: `${marker}[Service]\n# The key of the node's certificate is for members of this group.\nSupplementaryGroups=muster-cert\nRestart=on-failure\nRestartSec=2s\n`,
    },
    {
      path: registryHookPath,
      mode: 0o755,
      content: `#!/bin/sh\n${marker}# The registry reads its certificate at its start only.\nexec systemctl try-restart ${registryUnit}\n`,
    },
  ];
}

/** The registry that images come in by: on loopback, for as long as it takes. Pure. */
export const pushConfig = (port: number): string =>
  stringify({
    version: 0.1,
    log: { level: 'warn' },
    storage: { filesystem: { rootdirectory: registryFolder }, maintenance: { uploadpurging: { enabled: false } } },
    http: { addr: `127.0.0.1:${port}` },
  });
