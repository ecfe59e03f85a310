import { z } from 'zod';
import { GroupName } from '../node/node.ts';

/** What someone may do: look; besides act on nodes; besides decide who may what, and change the installation. */
export const Role = z.enum(['viewer', 'operator', 'administrator']);
export type Role = z.infer<typeof Role>;

/** What somebody, or a key, was given. */
export const grantShape = {
  role: Role,
  /** The groups on whose nodes he may act; null for all nodes. Looking is never limited. */
  groups: z.array(GroupName).max(1000).nullable(),
  /** Whether he may run commands of his own on nodes (`exec`), where the server allows that at all. */
  mayExec: z.boolean(),
};
export const Grant = z.object(grantShape);
export type Grant = z.infer<typeof Grant>;

const PersonName = z.string().trim().min(1).max(200);
/** How long an invitation can be used, hours. */
const invitationHours = z
  .number()
  .int()
  .min(1)
  .max(24 * 30)
  .default(72);

/** Someone with an account. */
export const Person = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  ...grantShape,
  /** `invited`: has never signed in. `disabled`: may not, and keys made by him do not work. */
  state: z.enum(['invited', 'active', 'disabled']),
  hasPassword: z.boolean(),
  /** Whether a password alone does not suffice. */
  twoFactor: z.boolean(),
  /** The identity provider this account belongs to; null for one of Muster's own. */
  provider: z.string().nullable(),
  /** Whether the identity provider says role, groups and exec at each sign-in, so that they cannot be changed here. */
  grantFromProvider: z.boolean(),
  createdAt: z.iso.datetime(),
  lastSignInAt: z.iso.datetime().nullable(),
  /** Until when the newest invitation can be used; null where there is none that can. */
  invitedUntil: z.iso.datetime().nullable(),
});
export type Person = z.infer<typeof Person>;

export const PersonList = z.object({ items: z.array(Person) });
export type PersonList = z.infer<typeof PersonList>;

export const PersonInvite = z.strictObject({
  email: z.email().max(254),
  /** Default: what stands before the @. */
  name: PersonName.optional(),
  role: Role.default('viewer'),
  groups: grantShape.groups.default(null),
  mayExec: grantShape.mayExec.default(false),
  expiresInHours: invitationHours,
});
export type PersonInvite = z.input<typeof PersonInvite>;

/** What of a person is changed; what is left out stays. Whoever is changed is signed out. */
export const PersonChange = z.strictObject({
  name: PersonName.optional(),
  role: Role.optional(),
  groups: grantShape.groups.optional(),
  mayExec: grantShape.mayExec.optional(),
});
export type PersonChange = z.infer<typeof PersonChange>;

export const InvitationRequest = z.strictObject({
  /** Forget password and second factor, and end every session: for someone who lost them. */
  reset: z.boolean().default(false),
  expiresInHours: invitationHours,
});
export type InvitationRequest = z.input<typeof InvitationRequest>;

/** A person and the link by which he comes in once. The link is shown here and never again. */
export const Invitation = z.object({ person: Person, url: z.string(), expiresAt: z.iso.datetime() });
export type Invitation = z.infer<typeof Invitation>;
