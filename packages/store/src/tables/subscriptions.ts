import type { Subscription } from '@muster/api';
import type { NotificationRule } from '@muster/core';
import { sql } from 'kysely';
import type { Database, Queries } from '../database.ts';
import { SubscriptionNotFound, WebhookNotFound } from '../errors.ts';
import { storableText } from '../json-text.ts';
import type { NotificationTarget } from './notification-targets.ts';

/** A subscription before it has its id. */
export type NewSubscription = Pick<Subscription, 'kinds' | 'severity' | 'groups' | 'range'> & {
  readonly target:
    | { readonly kind: 'email'; readonly address: string }
    /** By its id. */
    | { readonly kind: 'webhook'; readonly webhookId: string };
  /** The address of the account of whoever made it for himself; null for one made by an administrator. */
  readonly owner: string | null;
  readonly createdBy: string;
};

/** Who is told of what. Addresses of mailboxes are compared without regard to capital letters. */
export type SubscriptionTable = {
  /** All of them, or those that somebody made for himself and those that tell his address. */
  list(owner?: string): Promise<Subscription[]>;
  /** @throws WebhookNotFound for a webhook that is gone */
  add(subscription: NewSubscription): Promise<Subscription>;
  /** With `owner`, only one of his own. @throws SubscriptionNotFound */
  remove(id: string, owner?: string): Promise<void>;
  /** Whom it tells. @throws SubscriptionNotFound */
  target(id: string): Promise<NotificationTarget>;
  /** The rules in force: of targets that are not disabled, and not of accounts that are gone. */
  rules(): Promise<NotificationRule[]>;
};

type Row = Omit<Subscription, 'target'> & { targetId: string; targetKind: 'email' | 'webhook'; targetName: string };

const selection = sql`
  s.id, t.id as "targetId", t.kind as "targetKind", t.name as "targetName", s.kinds, s.severity, s.groups, s.range,
  s.owner is not null as own, s.created_at as "createdAt", s.created_by as "createdBy"
  from subscriptions s join notification_targets t on t.id = s.target_id`;

const subscriptionOfRow = ({ targetId, targetKind, targetName, ...rest }: Row): Subscription => ({
  ...rest,
  target: targetKind === 'email' ? { kind: 'email', address: targetName } : { kind: 'webhook', webhookId: targetId, name: targetName },
});

/** The row of the target, made for an address that has none yet. Locked, so that nobody removes it meanwhile. */
async function targetIdOf(queries: Queries, { target, createdBy }: NewSubscription): Promise<string> {
  if (target.kind === 'webhook') {
    const { rows } = await sql<{ id: string }>`
      select id from notification_targets where id = ${target.webhookId}::uuid and kind = 'webhook' for no key update`.execute(queries);
    if (rows[0] === undefined) throw new WebhookNotFound(target.webhookId);
    return rows[0].id;
  }
  const address = storableText(target.address).toLowerCase();
  const { rows } = await sql<{ id: string }>`
    insert into notification_targets (kind, name, address, created_by) values ('email', ${address}, ${address}, ${storableText(createdBy)})
    on conflict (kind, name) do update set name = excluded.name returning id`.execute(queries);
  return rows[0]?.id ?? '';
}

function add(database: Database, subscription: NewSubscription): Promise<Subscription> {
  const { kinds, severity, groups, range, owner, createdBy } = subscription;
  return database.transaction(async (queries) => {
    const targetId = await targetIdOf(queries, subscription);
    const row = {
      target_id: targetId,
      kinds: [...kinds],
      severity,
      groups: groups.map(storableText),
      range: range === null ? null : storableText(range),
      owner: owner?.toLowerCase() ?? null,
      created_by: storableText(createdBy),
    };
    const { id } = await queries.insertInto('subscriptions').values(row).returning('id').executeTakeFirstOrThrow();
    const { rows } = await sql<Row>`select ${selection} where s.id = ${id}`.execute(queries);
    return subscriptionOfRow(found(rows, id));
  });
}

function remove(database: Database, id: string, owner: string | undefined): Promise<void> {
  return database.transaction(async (queries) => {
    const isOwn = owner === undefined ? sql`true` : sql`owner = ${owner.toLowerCase()}`;
    const { rows } = await sql<{ targetId: string }>`
      delete from subscriptions where id = ${id} and ${isOwn} returning target_id as "targetId"`.execute(queries);
    const { targetId } = found(rows, id);
    // A mailbox that nobody wants to tell any more is forgotten, with what waits for it.
    await sql`
      delete from notification_targets t
      where t.id = ${targetId} and t.kind = 'email' and not exists (select from subscriptions s where s.target_id = t.id)`.execute(queries);
  });
}

function found<T>([row]: readonly T[], id: string): T {
  if (row === undefined) throw new SubscriptionNotFound(id);
  return row;
}

export function subscriptionTable(database: Database): SubscriptionTable {
  return {
    list: (owner) =>
      database.run(async (queries) => {
        const address = owner?.toLowerCase();
        const isHis = address === undefined ? sql`true` : sql`(s.owner = ${address} or (t.kind = 'email' and t.name = ${address}))`;
        const { rows } = await sql<Row>`select ${selection} where ${isHis} order by s.created_at, s.id`.execute(queries);
        return rows.map(subscriptionOfRow);
      }),
    add: (subscription) => add(database, subscription),
    remove: (id, owner) => remove(database, id, owner),
    target: (id) =>
      database.run(async (queries) => {
        const { rows } = await sql<NotificationTarget>`
          select t.id, t.kind, t.name, t.address, t.sealed_secret as "sealedSecret"
          from subscriptions s join notification_targets t on t.id = s.target_id where s.id = ${id}`.execute(queries);
        return found(rows, id);
      }),
    rules: () =>
      database.run(async (queries) => {
        const { rows } = await sql<NotificationRule>`
          select s.target_id as "targetId", s.kinds, s.severity, s.groups, s.range
          from subscriptions s join notification_targets t on t.id = s.target_id
          where t.disabled_at is null and (s.owner is null or exists (select from "user" u where lower(u.email) = s.owner))
          order by s.created_at, s.id`.execute(queries);
        return rows;
      }),
  };
}
