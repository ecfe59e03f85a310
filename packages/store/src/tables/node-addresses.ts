import type { NodeCreate } from '@muster/api';
import { sql } from 'kysely';
import type { Queries } from '../database.ts';
import { AddressTaken, NodeExists } from '../errors.ts';

/**
 * Says which node has an address that another is to get. The database itself sees to it that no address belongs to two, also when both are
 * written at the same moment; this is for the words. @throws AddressTaken, or NodeExists where that node has the same name too
 */
export async function refuseTakenAddresses(
  queries: Queries,
  { name, privateIp, publicIp }: Pick<NodeCreate, 'name' | 'privateIp' | 'publicIp'>,
  ownId: string | null,
): Promise<void> {
  const wanted = [privateIp, publicIp].filter((address) => address !== null);
  if (wanted.length === 0) return;
  const { rows } = await sql<{ address: string; owner: string }>`
    select host(a.address) as address, n.name as owner from node_addresses a join nodes n on n.id = a.node_id
    where a.address = any (${wanted}::inet[]) and a.node_id is distinct from ${ownId}::uuid
    order by a.address limit 1`.execute(queries);
  const [taken] = rows;
  if (taken === undefined) return;
  throw taken.owner === name ? new NodeExists(name) : new AddressTaken(name, taken.address, taken.owner);
}
