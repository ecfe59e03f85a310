import { z } from 'zod';
import { Event } from '../node/event.ts';

/** What is told, and of which nodes. */
const wanted = {
  /** Only these kinds of events; empty for all. */
  kinds: z.array(Event.shape.kind).max(100),
  /** Only events of at least this severity. */
  severity: Event.shape.severity,
  /** Only events about nodes that are in one of these groups at that time; empty for all, also those about no node. */
  groups: z.array(z.string().min(1).max(63)).max(64),
  /** Only events about nodes of this range (see docs/ranges.md), read anew each time; null for all, also those about no node. */
  range: z.string().min(1).max(4000).nullable(),
};

const withDefaults = {
  kinds: wanted.kinds.default([]),
  severity: wanted.severity.default('warning'),
  groups: wanted.groups.default([]),
  range: wanted.range.default(null),
};

/** What somebody wants for himself, by e-mail at the address of his account. */
export const OwnSubscriptionCreate = z.strictObject(withDefaults);
export type OwnSubscriptionCreate = z.input<typeof OwnSubscriptionCreate>;

const MailAddress = z.email().max(254);

/** Whom a subscription tells: a webhook by id or name, or an address of any mailbox. */
export const SubscriptionCreate = z.strictObject({
  target: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('email'), address: MailAddress }),
    z.strictObject({ kind: z.literal('webhook'), webhook: z.string().min(1).max(63) }),
  ]),
  ...withDefaults,
});
export type SubscriptionCreate = z.input<typeof SubscriptionCreate>;

export const Subscription = z.object({
  id: z.uuid(),
  target: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('email'), address: z.string() }),
    z.object({ kind: z.literal('webhook'), webhookId: z.uuid(), name: z.string() }),
  ]),
  ...wanted,
  /** Whether somebody made it for himself: it ends with his account. */
  own: z.boolean(),
  createdAt: z.iso.datetime(),
  createdBy: z.string(),
});
export type Subscription = z.infer<typeof Subscription>;

export const SubscriptionList = z.object({
  items: z.array(Subscription),
  /** Whether this server can send e-mail at all: its configuration has a section `mail`. */
  canMail: z.boolean(),
});
export type SubscriptionList = z.infer<typeof SubscriptionList>;
