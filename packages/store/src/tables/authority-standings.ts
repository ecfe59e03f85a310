import { sql } from 'kysely';
import type { Queries } from '../database.ts';

/** What is known of a node's side of the authority. */
export type NodeRoots = {
  readonly nodeId: string;
  readonly nodeName: string;
  /** The authority of the certificate in use. */
  readonly certificateOf: number;
  /** Fingerprints of the roots that its agent said it trusts; none when it never said. */
  readonly roots: readonly string[];
  readonly connected: boolean;
};

/** A server and the authorities as it uses them. */
export type AuthorityServer = {
  readonly serverId: string;
  readonly name: string;
  /** Whose certificate it shows. */
  readonly shows: number;
  readonly trusts: readonly number[];
};

/** A server that was not heard for so long is gone; when it comes back it reads the state before it listens. */
const serverGoneSeconds = 120;

/** Every node that has a certificate in use, which is not revoked. */
export async function readStandings(queries: Queries): Promise<NodeRoots[]> {
  const { rows } = await sql<NodeRoots>`
    select n.id as "nodeId", n.name as "nodeName", c.authority as "certificateOf", coalesce(r.roots, '{}') as roots,
      coalesce(p.connected, false) as connected
    from nodes n
    join certificates c on c.serial = n.certificate_serial and c.revoked_at is null and c.not_after > now()
    left join node_roots r on r.node_id = n.id
    left join node_presence p on p.node_id = n.id
    order by n.name_sort_key, n.name`.execute(queries);
  return rows;
}

export async function readServers(queries: Queries): Promise<AuthorityServer[]> {
  const { rows } = await sql<AuthorityServer>`
    select server_id as "serverId", name, shows, trusts from authority_servers
    where seen_at > now() - make_interval(secs => ${serverGoneSeconds}) order by name, server_id`.execute(queries);
  return rows;
}
