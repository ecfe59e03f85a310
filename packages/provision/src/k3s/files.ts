import { stringify } from 'yaml';
import type { ManagedFile } from '../host/managed-file.ts';

/** A kind of machine of k3s: its unit and the word after `k3s`. */
export type K3sKind = 'server' | 'agent';

export const configPath = '/etc/rancher/k3s/config.yaml';
export const registriesPath = '/etc/rancher/k3s/registries.yaml';
/** Where administrators put settings of their own; k3s reads them too. */
export const ownSettings = '/etc/rancher/k3s/config.yaml.d';
export const tokenPath = '/etc/rancher/k3s/token';
export const kubeconfigPath = '/etc/rancher/k3s/k3s.yaml';
export const binaryPath = '/usr/local/bin/k3s';
export const dataFolder = '/var/lib/rancher/k3s';
export const imageFolder = `${dataFolder}/agent/images`;
export const manifestFolder = `${dataFolder}/server/manifests`;
/** Holds the cluster's authority's hash besides the secret: who joins by it knows whom he talks to. */
export const fullTokenPath = `${dataFolder}/server/token`;
export const unitOf = (kind: K3sKind): string => (kind === 'server' ? 'k3s.service' : 'k3s-agent.service');
export const unitPath = (kind: K3sKind): string => `/etc/systemd/system/${unitOf(kind)}`;
export const apiPort = 6443;

const marker = `# Written by "muster apply". Settings of your own stand in ${ownSettings}/*.yaml, which k3s reads too.\n`;

/** How a server gets into the cluster: alone, as the first of several, or through another one. */
export type Joining = { readonly kind: 'alone' } | { readonly kind: 'cluster-init' } | { readonly kind: 'server'; readonly url: string };

/** What the configuration of one machine is made of. */
export type K3sMachine = {
  readonly name: string;
  readonly address: string;
  /** The interface that carries the address; undefined where it is not known. */
  readonly interface: string | undefined;
  readonly hasGpu: boolean;
};

/** The configuration of a server. Tokens are in a file of their own. Pure. */
export function serverConfig(machine: K3sMachine, joining: Joining, names: readonly string[]): ManagedFile {
  const join = joining.kind === 'server' ? { server: joining.url } : joining.kind === 'cluster-init' ? { 'cluster-init': true } : {};
  return configFile({
    ...join,
    ...machineSettings(machine),
    'tls-san': [...new Set(names)],
    'write-kubeconfig-mode': '0600',
  });
}

/** The configuration of an agent. Pure. */
export const agentConfig = (machine: K3sMachine, url: string): ManagedFile => configFile({ server: url, ...machineSettings(machine) });

const machineSettings = ({ name, address, interface: networkInterface, hasGpu }: K3sMachine): object => ({
  'token-file': tokenPath,
  'node-name': name,
  'node-ip': address,
  ...(networkInterface === undefined ? {} : { 'flannel-iface': networkInterface }),
  // The device plugin runs where this is, and nowhere else.
  ...(hasGpu ? { 'node-label': [`${gpuLabel}=true`] } : {}),
});

/** The label of machines with `has_gpu`. */
export const gpuLabel = 'muster.node/gpu';

const configFile = (settings: object): ManagedFile => ({ path: configPath, mode: 0o600, content: marker + stringify(settings) });

/** Where images are looked for before the internet: the registry of the cluster, verified by Muster's root. Pure. */
export const registriesFile = (registry: string): ManagedFile => ({
  path: registriesPath,
  mode: 0o600,
  content:
    '# Written by "muster apply".\n' +
    stringify({
      mirrors: { '*': { endpoint: [`https://${registry}`] } },
      configs: { [registry]: { tls: { ca_file: '/etc/muster/pki/current/ca.pem' } } },
    }),
});

/** The unit of a machine. Containers go on while it is started anew (KillMode=process). Pure. */
export const unitFile = (kind: K3sKind): ManagedFile => ({
  path: unitPath(kind),
  mode: 0o644,
  content: `# Written by "muster apply".
[Unit]
Description=Kubernetes by k3s, as ${kind === 'server' ? 'a server' : 'an agent'}
Documentation=https://docs.k3s.io
Wants=network-online.target
After=network-online.target

[Service]
Type=${kind === 'server' ? 'notify' : 'exec'}
EnvironmentFile=-/etc/default/%N
EnvironmentFile=-/etc/sysconfig/%N
ExecStartPre=-/sbin/modprobe br_netfilter
ExecStartPre=-/sbin/modprobe overlay
ExecStart=${binaryPath} ${kind}
KillMode=process
Delegate=yes
LimitNOFILE=1048576
LimitNPROC=infinity
LimitCORE=infinity
TasksMax=infinity
TimeoutStartSec=0
Restart=always
RestartSec=5s

[Install]
WantedBy=multi-user.target
`,
});
