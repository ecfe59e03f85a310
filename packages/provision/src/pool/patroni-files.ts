import { stringify } from 'yaml';
import type { ManagedFile } from '../host/managed-file.ts';
import {
  authorityPath,
  databaseFolder,
  databaseSocketFolder,
  databaseUnitName,
  etcdPort,
  inUrl,
  memberCertificatePath,
  patroniPort,
  poolFolder,
  postgresPort,
} from './places.ts';
import type { PoolMember, PoolRecord } from './record.ts';

export const patroniSettingsPath = `${poolFolder}/patroni.yaml`;
export const databaseKeyPath = `${poolFolder}/postgres.key`;
export const databaseDataFolder = `${databaseFolder}/data`;

/** What Muster signs in as, to a database of the same name. */
export const musterRole = 'muster';
const replicationRole = 'replicator';

/**
 * Patroni keeps these in etcd and takes them from here only when the cluster is made; later the phase `pool-settings` sees to them. loop_wait + 2 * retry_timeout must not be more than ttl; ttl is not
 * less than 20. With synchronous_mode a replica that lacks an acknowledged write is never promoted (docs/adr/0026).
 */
export const sharedSettings = {
  ttl: 20,
  loop_wait: 2,
  retry_timeout: 5,
  maximum_lag_on_failover: 1_048_576,
  synchronous_mode: true,
  // A primary that is left alone goes on writing, and the panel says that it is not protected.
  synchronous_mode_strict: false,
  synchronous_node_count: 1,
  postgresql: { use_pg_rewind: true, use_slots: true },
};

/** A connection whose other end is gone is noticed within seconds, not after the two hours of the kernel. */
const keepalive = { tcp_keepalives_idle: 2, tcp_keepalives_interval: 1, tcp_keepalives_count: 3, tcp_user_timeout: 5000 };

const parameters = {
  unix_socket_directories: databaseSocketFolder,
  password_encryption: 'scram-sha-256',
  ssl: 'on',
  ssl_ca_file: authorityPath,
  ssl_cert_file: memberCertificatePath,
  ssl_key_file: databaseKeyPath,
  ssl_min_protocol_version: 'TLSv1.2',
  // Of a replica that hangs; one that is gone is noticed by TCP. Shorter ones cut off a replica that is only busy.
  wal_sender_timeout: 15_000,
  wal_receiver_timeout: 15_000,
  ...keepalive,
};

/** Who may come in: the superuser on the machine itself, and from the machines of the pool whoever has a password, by TLS. */
function hostRules(members: readonly PoolMember[]): string[] {
  const full = members.filter(({ kind }) => kind === 'database').map(({ address }) => `${address}/${address.includes(':') ? 128 : 32}`);
  return [
    'local all postgres peer',
    `host replication ${replicationRole} 127.0.0.1/32 scram-sha-256`,
    ...full.flatMap((from) => [
      `hostssl replication ${replicationRole} ${from} scram-sha-256`,
      `hostssl all postgres ${from} scram-sha-256`,
      `hostssl ${musterRole} ${musterRole} ${from} scram-sha-256`,
    ]),
  ];
}

/** What only a machine's own Patroni knows. `binFolder` is the one of the PostgreSQL that made its data. */
export function patroniSettings(member: PoolMember, record: PoolRecord, binFolder: string): ManagedFile {
  const { passwords, members } = record;
  const address = inUrl(member.address);
  const tls = { cacert: authorityPath, cert: memberCertificatePath, key: databaseKeyPath };
  const verified = { sslmode: 'verify-ca', sslrootcert: authorityPath };
  const settings = {
    scope: 'muster',
    namespace: '/muster-pool/',
    name: member.name,
    restapi: {
      listen: `${address}:${patroniPort}`,
      connect_address: `${address}:${patroniPort}`,
      certfile: memberCertificatePath,
      keyfile: databaseKeyPath,
      cafile: authorityPath,
      // Anybody may ask how a member fares; changes need the password.
      authentication: { username: 'muster', password: passwords.rest },
    },
    ctl: { cacert: authorityPath, certfile: memberCertificatePath, keyfile: databaseKeyPath },
    etcd3: { hosts: members.map((one) => `${inUrl(one.address)}:${etcdPort}`), protocol: 'https', ...tls },
    bootstrap: { dcs: sharedSettings, initdb: [{ encoding: 'UTF8' }, { locale: 'C.UTF-8' }, 'data-checksums'] },
    postgresql: {
      listen: `${address},127.0.0.1:${postgresPort}`,
      connect_address: `${address}:${postgresPort}`,
      data_dir: databaseDataFolder,
      bin_dir: binFolder,
      pgpass: `${databaseSocketFolder}/pgpass`,
      use_unix_socket: true,
      authentication: {
        superuser: { username: 'postgres', password: passwords.superuser, ...verified },
        replication: { username: replicationRole, password: passwords.replication, ...verified },
      },
      parameters,
      pg_hba: hostRules(members),
      // One that cannot be wound back to the new primary is copied anew.
      remove_data_directory_on_rewind_failure: true,
      remove_data_directory_on_diverged_timelines: true,
    },
    // Where the machine has a watchdog it resets the machine before another one may lead; `automatic` does without where there is none.
    watchdog: { mode: 'automatic', device: '/dev/watchdog', safety_margin: 5 },
  };
  const content = `# Written by "muster apply".\n${stringify(settings, { lineWidth: 0 })}`;
  return { path: patroniSettingsPath, content, mode: 0o600, owner: 'postgres:postgres' };
}

/** The unit of Patroni, which starts and stops PostgreSQL. The prefix + runs the two lines for the watchdog as root. */
export const databaseUnit: ManagedFile = {
  path: `/etc/systemd/system/${databaseUnitName}`,
  mode: 0o644,
  content: `[Unit]
Description=PostgreSQL of the pool of Muster servers, under Patroni
After=network-online.target muster-etcd.service
Wants=network-online.target

[Service]
Type=exec
User=postgres
Group=postgres
ExecStartPre=-+/sbin/modprobe softdog
ExecStartPre=-+/bin/chown postgres /dev/watchdog
ExecStart=/usr/bin/patroni ${patroniSettingsPath}
ExecReload=/bin/kill -s HUP $MAINPID
# PostgreSQL outlives a Patroni that dies, and the next one takes it over.
KillMode=process
TimeoutStopSec=60
Restart=always
RestartSec=1
StateDirectory=muster-postgres
StateDirectoryMode=0700
RuntimeDirectory=muster-database
RuntimeDirectoryMode=0755
RuntimeDirectoryPreserve=yes
LimitNOFILE=65536
OOMScoreAdjust=-500
NoNewPrivileges=yes

[Install]
WantedBy=multi-user.target
`,
};
