import type { EnvironmentPicture, PicturedEnvironment, PicturedNode, PicturedWork } from '@muster/core';
import { sql } from 'kysely';
import type { Queries } from '../database.ts';

/** Everything that decides about environments and nodes, as it is now. What is decided by it is written only where it still holds. */
export async function readPicture(queries: Queries): Promise<EnvironmentPicture> {
  const { rows: environments } = await sql<PicturedEnvironment>`
    select e.id, e.name, e.version, v.definition_sha256 as "definitionSha256", e.selector, e.removed_at is not null as removed,
      e.removed_by_force as force
    from environments e join environment_versions v on v.environment_id = e.id and v.version = e.version
    order by e.name`.execute(queries);
  const { rows: nodes } = await sql<PicturedNode>`
    select n.id, n.name, n.groups, n.labels, n.environments, n.registered_at is not null as registered,
      coalesce(p.connected, false) as connected, r.report, r.reported_at as "reportedAt"
    from nodes n
    left join node_presence p on p.node_id = n.id
    left join node_environments r on r.node_id = n.id
    order by n.name_sort_key, n.name`.execute(queries);
  const { rows: work } = await sql<PicturedWork>`
    select w.node_id as "nodeId", w.environment_id as "environmentId", w.revision, w.action, w.version, w.state, w.message, w.attempts,
      w.retry_at as "retryAt", coalesce(w.retry_at <= now(), false) as "retryDue", w.task_id as "taskId", w.changed_at as "changedAt",
      coalesce(r.reported_at > w.changed_at, false) as "reportedSince"
    from environment_work w left join node_environments r on r.node_id = w.node_id`.execute(queries);
  return { environments, nodes, work };
}
