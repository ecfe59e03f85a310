import type { Webhook, WebhookCreate } from '@muster/api';
import { sql } from 'kysely';
import type { Database, Queries } from '../database.ts';
import { WebhookExists, WebhookNotFound } from '../errors.ts';
import { storableText } from '../json-text.ts';
import { violatedConstraint } from '../database-error.ts';

/** A place that can be told of events. */
export type NotificationTarget = {
  readonly id: string;
  readonly kind: 'webhook' | 'email';
  /** Of a webhook its name, of a mailbox its address. */
  readonly name: string;
  /** Where it is: a URL, or the address of a mailbox. */
  readonly address: string;
  /** Of a webhook, sealed by whoever gave it; the store cannot read it. */
  readonly sealedSecret: string | null;
};

/** Programs that are told of events, by id or name. */
export type WebhookTable = {
  list(): Promise<Webhook[]>;
  /** @throws WebhookExists */
  add(create: WebhookCreate, sealedSecret: string, by: string): Promise<Webhook>;
  /** @throws WebhookNotFound */
  get(idOrName: string): Promise<Webhook>;
  /** Puts another secret in the place of the one it has. @throws WebhookNotFound */
  renewSecret(idOrName: string, sealedSecret: string): Promise<Webhook>;
  /** Forgets that it failed and was disabled. @throws WebhookNotFound */
  enable(idOrName: string): Promise<Webhook>;
  /** Removes it with its subscriptions and what waits for it. @throws WebhookNotFound */
  remove(idOrName: string): Promise<void>;
  /** What is needed to send something to it. @throws WebhookNotFound */
  target(idOrName: string): Promise<NotificationTarget>;
};

const webhookColumns = sql`
  t.id, t.name, t.address as url,
  case when t.disabled_at is not null then 'disabled' when t.failing_since is not null then 'failing' else 'working' end as state,
  t.failing_since as "failingSince", t.last_error as "lastError", t.last_delivered_at as "lastDeliveredAt",
  (select count(*) from deliveries d join delivery_events e on e.delivery_id = d.id where d.target_id = t.id) as waiting,
  t.created_at as "createdAt", t.created_by as "createdBy"`;

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu;

/** The condition that finds one webhook. A name has no capital letters but may look like an id; then the id counts. */
const isWebhook = (idOrName: string) => sql`t.id = (
  select id from notification_targets
  where kind = 'webhook' and (id = ${uuid.test(idOrName) ? idOrName : null}::uuid or name = ${storableText(idOrName)})
  order by name = ${storableText(idOrName)} limit 1)`;

async function read(queries: Queries, idOrName: string): Promise<Webhook> {
  const { rows } = await sql<Webhook>`select ${webhookColumns} from notification_targets t where ${isWebhook(idOrName)}`.execute(queries);
  return found(rows, idOrName);
}

function found<T>([row]: readonly T[], idOrName: string): T {
  if (row === undefined) throw new WebhookNotFound(idOrName);
  return row;
}

function add(database: Database, { name, url }: WebhookCreate, sealedSecret: string, by: string): Promise<Webhook> {
  return database.transaction(async (queries) => {
    await queries
      .insertInto('notification_targets')
      .values({ kind: 'webhook', name, address: storableText(url), sealed_secret: sealedSecret, created_by: storableText(by) })
      .execute()
      .catch((error: unknown) => {
        throw violatedConstraint(error) === 'notification_targets_name_key' ? new WebhookExists(name, { cause: error }) : error;
      });
    return read(queries, name);
  });
}

function change(database: Database, idOrName: string, assignments: ReturnType<typeof sql>): Promise<Webhook> {
  return database.transaction(async (queries) => {
    const { rows } = await sql<{ id: string }>`
      update notification_targets t set ${assignments} where ${isWebhook(idOrName)} returning t.id`.execute(queries);
    return read(queries, found(rows, idOrName).id);
  });
}

export function webhookTable(database: Database): WebhookTable {
  return {
    list: () =>
      database.run(async (queries) => {
        const { rows } = await sql<Webhook>`
          select ${webhookColumns} from notification_targets t where t.kind = 'webhook' order by t.name`.execute(queries);
        return rows;
      }),
    add: (create, sealedSecret, by) => add(database, create, sealedSecret, by),
    get: (idOrName) => database.run((queries) => read(queries, idOrName)),
    renewSecret: (idOrName, sealedSecret) => change(database, idOrName, sql`sealed_secret = ${sealedSecret}`),
    enable: (idOrName) => change(database, idOrName, sql`disabled_at = null, failing_since = null, announced_at = null, last_error = null`),
    remove: (idOrName) =>
      database.run(async (queries) => {
        const { rows } = await sql<{ id: string }>`
          delete from notification_targets t where ${isWebhook(idOrName)} returning t.id`.execute(queries);
        found(rows, idOrName);
      }),
    target: (idOrName) =>
      database.run(async (queries) => {
        const { rows } = await sql<NotificationTarget>`
          select t.id, t.kind, t.name, t.address, t.sealed_secret as "sealedSecret"
          from notification_targets t where ${isWebhook(idOrName)}`.execute(queries);
        return found(rows, idOrName);
      }),
  };
}
