import type { Session } from '@muster/api';
import { roleRefusal } from '../ui/role-refusal.ts';

/** Why an account may start and cancel no runs, in the server's words; undefined where it may. */
export const runRefusal = (session: Pick<Session, 'name' | 'role' | 'groups'>): string | undefined =>
  roleRefusal(session, 'administrator') ??
  (session.groups === null ? undefined : 'This concerns every node, and this account may act on some groups only.');
