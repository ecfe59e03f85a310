import type { Person } from '@muster/api';

const startMs = Date.UTC(2026, 10, 21, 8, 0, 0);
const iso = (ms: number) => new Date(ms).toISOString();

/** Someone with an account. */
export const fakePerson = (id: string, changes: Partial<Person>): Person => ({
  id,
  email: `${id}@example.org`,
  name: id,
  role: 'viewer',
  groups: null,
  mayExec: false,
  state: 'active',
  hasPassword: true,
  twoFactor: false,
  provider: null,
  grantFromProvider: false,
  createdAt: iso(startMs),
  lastSignInAt: iso(startMs + 3_600_000),
  invitedUntil: null,
  ...changes,
});

/** Everyone with an account in the fake: one of each kind. */
export const fakePeople = (own: { id: string; name: string; email: string }): Person[] => [
  fakePerson(own.id, { email: own.email, name: own.name, role: 'administrator', mayExec: true, twoFactor: true }),
  fakePerson('person-olga', { name: 'Olga Operator', email: 'olga@example.org', role: 'operator', groups: ['worker', 'gpu'] }),
  fakePerson('person-vera', {
    name: 'Vera Viewer',
    email: 'vera@example.org',
    provider: 'Keycloak',
    hasPassword: false,
    grantFromProvider: true,
  }),
  fakePerson('person-ivan', {
    name: 'Ivan Invited',
    email: 'ivan@example.org',
    state: 'invited',
    hasPassword: false,
    lastSignInAt: null,
    invitedUntil: iso(startMs + 3 * 86_400_000),
  }),
  fakePerson('person-dora', { name: 'Dora Departed', email: 'dora@example.org', state: 'disabled' }),
];
