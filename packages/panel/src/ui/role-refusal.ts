import type { Role, Session } from '@muster/api';
import { roleIncludes } from '@muster/core';

/** Why an account may not do what takes a role, in the server's words; undefined where it may. */
export const roleRefusal = (session: Pick<Session, 'name' | 'role'>, least: Role): string | undefined =>
  roleIncludes(session.role, least)
    ? undefined
    : `${session.name} may not do this: it takes the role ${least}, and this account has the role ${session.role}.`;
