import { z } from 'zod';
import { grantShape, Role } from './person.ts';

/** The longest a key may live, days. */
export const maxKeyDays = 366;

/** A key for programs (`Authorization: Bearer ...`), as it is shown: the key itself is told once, when it is made. */
export const ApiKey = z.object({
  id: z.uuid(),
  name: z.string(),
  /** Its first characters, to recognise it by. */
  prefix: z.string(),
  /** Who made it; null for one made on the server itself. It can do no more than he can, now and later. */
  ownerId: z.string().nullable(),
  ownerName: z.string(),
  ...grantShape,
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime().nullable(),
  lastUsedFrom: z.string().nullable(),
  revokedAt: z.iso.datetime().nullable(),
  /** `unusable`: whoever made it is disabled. */
  state: z.enum(['active', 'expired', 'revoked', 'unusable']),
});
export type ApiKey = z.infer<typeof ApiKey>;

export const ApiKeyList = z.object({ items: z.array(ApiKey) });
export type ApiKeyList = z.infer<typeof ApiKeyList>;

export const ApiKeyCreate = z.strictObject({
  name: z.string().trim().min(1).max(100),
  role: Role.default('viewer'),
  /** Default: the groups of whoever makes it. */
  groups: grantShape.groups.optional(),
  mayExec: grantShape.mayExec.default(false),
  expiresInDays: z.number().int().min(1).max(maxKeyDays).default(90),
});
export type ApiKeyCreate = z.input<typeof ApiKeyCreate>;

/** A key that was just made. `secret` is what programs send; it is shown here and never again. */
export const NewApiKey = z.object({ key: ApiKey, secret: z.string() });
export type NewApiKey = z.infer<typeof NewApiKey>;
