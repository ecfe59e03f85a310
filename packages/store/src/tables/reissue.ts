import { sql } from 'kysely';
import type { Database, Queries } from '../database.ts';
import { appendEvents, type NewEvent } from './events.ts';
import { lockNode, type LockedNode } from './find-node.ts';
import { insertToken, type MadeToken, refuseByState } from './join-tokens.ts';

/** Lets a machine that was made anew come back under a name: see `EnrolmentTable`. */
export function reissue(
  database: Database,
  nodeIdOrName: string,
  secretSha256: string,
  lifetimeSeconds: number,
  by: string,
): Promise<MadeToken> {
  return database.transaction(async (queries) => {
    const node = await lockNode(queries, nodeIdOrName);
    await refuseByState(queries, 'reissue', node);
    const serials = await revokeAll(queries, node);
    await queries.updateTable('nodes').set({ registered_at: null, certificate_serial: null }).where('id', '=', node.id).execute();
    const { token, event } = await insertToken(queries, node, secretSha256, lifetimeSeconds);
    await appendEvents(queries, [...serials.map((serial) => revoked(node, serial)), reissued(node, serials, by), event]);
    return token;
  });
}

async function revokeAll(queries: Queries, node: LockedNode): Promise<string[]> {
  const rows = await queries
    .updateTable('certificates')
    .set({ revoked_at: sql<string>`now()`, revocation_reason: 'reissued' })
    .where('node_id', '=', node.id)
    .where('revoked_at', 'is', null)
    .returning('serial')
    .execute();
  return rows.map(({ serial }) => serial);
}

/** One for each certificate: the agents' door ends connections by it. */
const revoked = ({ id, name }: LockedNode, serial: string): NewEvent => ({
  kind: 'certificate-revoked',
  severity: 'warning',
  nodeId: id,
  nodeName: name,
  message: `The certificate ${serial} of ${name} was revoked (reissued).`,
  data: { serial, reason: 'reissued' },
});

const reissued = ({ id, name }: LockedNode, serials: readonly string[], by: string): NewEvent => ({
  kind: 'node-reissued',
  severity: 'warning',
  nodeId: id,
  nodeName: name,
  message: `${name} was reissued by ${by}: its old certificate is revoked, and another machine may enrol under this name.`,
  data: { by, serials },
});
