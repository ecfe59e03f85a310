import type { Session } from '@muster/api';
import { roleRefusal } from './role-refusal.ts';

/** Why an account may not change what concerns every node, as runs and the pool, in the server's words; undefined where it may. */
export const wholeRefusal = (session: Pick<Session, 'name' | 'role' | 'groups'>): string | undefined =>
  roleRefusal(session, 'administrator') ??
  (session.groups === null ? undefined : 'This concerns every node, and this account may act on some groups only.');
