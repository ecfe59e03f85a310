import { stringify } from 'yaml';
import type { PatroniAccess } from '../pool/patroni-access.ts';
import type { ManagedFile } from './managed-file.ts';

/** Where a server that `apply` installs answers people and programs. */
export const panelPort = 7420;
/** Where it answers agents. */
export const agentsPort = 7421;

const marker = '# Written by "muster apply". Set values by environment variables in a drop-in of muster.service instead of here.\n';

/** Where people reach the panel of such a server. */
export const panelUrl = (address: string): string => `https://${inUrl(address)}:${panelPort}`;

const inUrl = (address: string): string => (address.includes(':') ? `[${address}]` : address);

/** A line of script: the user whom the server runs as. */
export const makeServerUser =
  'id muster >/dev/null 2>&1 || useradd --system --user-group --home-dir /var/lib/muster --no-create-home --shell /usr/sbin/nologin muster';

/** What of its configuration a server has from its host and its inventory. */
export type ServerSettings = {
  /** The host's in the cluster's network. */
  readonly address: string;
  /** Its database, with the password in it; the embedded one without. */
  readonly databaseUrl?: string | undefined;
  /** The way to Patroni, where that keeps the database. */
  readonly patroni?: PatroniAccess | undefined;
};

/** The configuration of a server that `apply` installs. One that holds a password is for root and the server only. */
export function serverConfiguration({ address, databaseUrl, patroni }: ServerSettings): ManagedFile {
  const config = {
    dataDir: '/var/lib/muster',
    http: { host: '0.0.0.0', port: panelPort, publicUrl: panelUrl(address) },
    agents: { host: '0.0.0.0', port: agentsPort, addresses: [`${inUrl(address)}:${agentsPort}`] },
    // The way to the agents is made by this run too.
    agentLiveness: { enabled: true, threshold: '40s' },
    socket: { path: '/run/muster/muster.sock' },
    ...(databaseUrl === undefined ? {} : { database: { url: databaseUrl, ...(patroni === undefined ? {} : { patroni }) } }),
  };
  const content = marker + stringify(config, { lineWidth: 0 });
  const path = '/etc/muster/muster.yaml';
  return databaseUrl === undefined ? { path, content, mode: 0o644 } : { path, content, mode: 0o640, owner: 'root:muster' };
}

/** The unit of the management server: its own user, nothing writable but its state. */
export const serverUnit: ManagedFile = {
  path: '/etc/systemd/system/muster.service',
  mode: 0o644,
  content: `[Unit]
Description=Muster management server
After=network-online.target
Wants=network-online.target
StartLimitIntervalSec=0

[Service]
Type=exec
User=muster
Group=muster
ExecStart=/opt/muster/bin/muster up --config /etc/muster/muster.yaml
Restart=always
RestartSec=2
KillMode=mixed
TimeoutStopSec=60
StateDirectory=muster
StateDirectoryMode=0700
RuntimeDirectory=muster
RuntimeDirectoryMode=0755
LimitNOFILE=65536
NoNewPrivileges=yes
CapabilityBoundingSet=
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectControlGroups=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native

[Install]
WantedBy=multi-user.target
`,
};
