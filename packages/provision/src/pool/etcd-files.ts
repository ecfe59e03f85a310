import type { ManagedFile } from '../host/managed-file.ts';
import { authorityPath, etcdDataFolder, etcdPeerPort, etcdPort, etcdUnitName, inUrl, memberCertificatePath, poolFolder } from './places.ts';
import type { PoolMember, PoolRecord } from './record.ts';

export const etcdKeyPath = `${poolFolder}/etcd.key`;
export const etcdSettingsPath = `${poolFolder}/etcd.env`;
/** Only while a member joins: with it an etcd that had lost its disk would come back under its old name, and could vote twice. */
export const etcdJoinPath = `${poolFolder}/etcd-join.env`;
/** Stands once the cluster has had a quorum: from then on an empty member joins, and never founds. */
export const etcdFoundedPath = `${poolFolder}/etcd-founded`;

const clientUrl = ({ address }: PoolMember): string => `https://${inUrl(address)}:${etcdPort}`;
export const peerUrl = ({ address }: PoolMember): string => `https://${inUrl(address)}:${etcdPeerPort}`;

const settingsOf = (member: PoolMember, { id }: PoolRecord): Readonly<Record<string, string>> => ({
  ETCD_NAME: member.name,
  ETCD_DATA_DIR: etcdDataFolder,
  ETCD_INITIAL_CLUSTER_TOKEN: id,
  ETCD_LISTEN_CLIENT_URLS: `${clientUrl(member)},https://127.0.0.1:${etcdPort}`,
  ETCD_ADVERTISE_CLIENT_URLS: clientUrl(member),
  ETCD_LISTEN_PEER_URLS: peerUrl(member),
  ETCD_INITIAL_ADVERTISE_PEER_URLS: peerUrl(member),
  ETCD_CLIENT_CERT_AUTH: 'true',
  ETCD_TRUSTED_CA_FILE: authorityPath,
  ETCD_CERT_FILE: memberCertificatePath,
  ETCD_KEY_FILE: etcdKeyPath,
  ETCD_PEER_CLIENT_CERT_AUTH: 'true',
  ETCD_PEER_TRUSTED_CA_FILE: authorityPath,
  ETCD_PEER_CERT_FILE: memberCertificatePath,
  ETCD_PEER_KEY_FILE: etcdKeyPath,
  ETCD_STRICT_RECONFIG_CHECK: 'true',
  // Patroni writes every two seconds, and etcd forgets nothing by itself.
  ETCD_AUTO_COMPACTION_MODE: 'periodic',
  ETCD_AUTO_COMPACTION_RETENTION: '1h',
});

const linesOf = (settings: Readonly<Record<string, string>>): string =>
  Object.entries(settings)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');

/** What etcd is told at every start. */
export const etcdSettings = (member: PoolMember, record: PoolRecord): ManagedFile => ({
  path: etcdSettingsPath,
  content: linesOf(settingsOf(member, record)),
  mode: 0o644,
});

/** What it is told at its first: the members of the cluster, which it founds with them or joins. `members` is `name=peer URL,...`. */
export const etcdJoin = (members: string, state: 'new' | 'existing'): ManagedFile => ({
  path: etcdJoinPath,
  content: linesOf({ ETCD_INITIAL_CLUSTER: members, ETCD_INITIAL_CLUSTER_STATE: state }),
  mode: 0o644,
});

/** The unit of the pool's etcd, beside one of the distribution's or of k3s's. */
export const etcdUnit: ManagedFile = {
  path: `/etc/systemd/system/${etcdUnitName}`,
  mode: 0o644,
  content: `[Unit]
Description=etcd of the pool of Muster servers
After=network-online.target
Wants=network-online.target

[Service]
Type=exec
User=etcd
Group=etcd
EnvironmentFile=${etcdSettingsPath}
EnvironmentFile=-${etcdJoinPath}
ExecStart=/usr/bin/etcd
Restart=always
RestartSec=1
StateDirectory=muster-etcd
StateDirectoryMode=0700
LimitNOFILE=65536
OOMScoreAdjust=-500
NoNewPrivileges=yes
CapabilityBoundingSet=
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
LockPersonality=yes

[Install]
WantedBy=multi-user.target
`,
};
