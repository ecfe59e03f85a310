import { stateRefusalOf } from '@muster/core';
import { sql } from 'kysely';
import type { Database, Queries } from '../database.ts';
import { ActionRefused } from '../errors.ts';
import { appendEvents, type NewEvent } from './events.ts';
import { lockNode, type LockedNode } from './find-node.ts';
import { readNode } from './nodes.ts';

/** A token that was made. */
export type MadeToken = { readonly nodeId: string; readonly nodeName: string; readonly expiresAt: string };

/** Makes a token for a node that may still get one. */
export function makeToken(database: Database, nodeIdOrName: string, secretSha256: string, lifetimeSeconds: number): Promise<MadeToken> {
  return database.transaction(async (queries) => {
    const node = await lockNode(queries, nodeIdOrName);
    await refuseByState(queries, 'join', node);
    const { token, event } = await insertToken(queries, node, secretSha256, lifetimeSeconds);
    await appendEvents(queries, [event]);
    return token;
  });
}

/** The state may have changed since whoever asks was told that he may. @throws ActionRefused */
export async function refuseByState(queries: Queries, action: 'join' | 'reissue', node: LockedNode): Promise<void> {
  const refusal = stateRefusalOf(action, await readNode(queries, node.id, node.name));
  if (refusal !== undefined) throw new ActionRefused(refusal);
}

/** Ends the unused tokens of a node and makes another; gives the event that is to be written last. The caller holds the node's lock. */
export async function insertToken(queries: Queries, node: LockedNode, secretSha256: string, lifetimeSeconds: number) {
  await sql`update join_tokens set ended_at = clock_timestamp() where node_id = ${node.id} and used_at is null and ended_at is null`.execute(
    queries,
  );
  const { rows } = await sql<{ expires_at: string }>`
    insert into join_tokens (secret_sha256, node_id, expires_at)
    values (${secretSha256}, ${node.id}, clock_timestamp() + make_interval(secs => ${lifetimeSeconds}::double precision))
    returning expires_at`.execute(queries);
  const expiresAt = rows[0]?.expires_at ?? '';
  const message = `A join token was made for ${node.name}, valid until ${expiresAt}.`;
  const event: NewEvent = { kind: 'join-token-made', severity: 'info', nodeId: node.id, nodeName: node.name, message, data: { expiresAt } };
  return { token: { nodeId: node.id, nodeName: node.name, expiresAt }, event };
}
