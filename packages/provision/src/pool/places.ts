/** What a pool keeps on its machines. */
export const poolFolder = '/etc/muster/pool';
/** Who is in the pool, its authority and its passwords; on full members only, for root alone. */
export const recordPath = `${poolFolder}/pool.json`;
/** The certificate of the pool's own authority, which everybody there trusts. */
export const authorityPath = `${poolFolder}/authority.pem`;
export const memberCertificatePath = `${poolFolder}/member.pem`;
export const memberKeyPath = `${poolFolder}/member.key`;

/** Ports of the pool's own: never those of k3s's etcd (2379, 2380), nor of a PostgreSQL that was there before. */
export const etcdPort = 23_790;
export const etcdPeerPort = 23_800;
// Below 32768: what the system takes for outgoing connections may be taken when a server comes back (docs/adr/0026).
export const postgresPort = 25_432;
export const patroniPort = 28_008;

export const etcdUnitName = 'muster-etcd.service';
export const databaseUnitName = 'muster-database.service';

export const etcdDataFolder = '/var/lib/muster-etcd';
export const databaseFolder = '/var/lib/muster-postgres';
export const databaseSocketFolder = '/run/muster-database';

/** An address as it stands in a URL. */
export const inUrl = (address: string): string => (address.includes(':') ? `[${address}]` : address);
