import { type Person, problem, type Session } from '@muster/api';
import type { AllowPersonChange, ChangedPerson, Store } from '@muster/store';
import type { AuditNotes } from '../audit/audit-line.ts';
import { auditedPerson } from '../audit/audited-records.ts';
import type { Handlers } from '../http/handlers.ts';
import type { People } from '../people/people.ts';
import { requireMayGive } from './require-may-give.ts';
import { required } from './required.ts';

type PeopleRoutes =
  | 'listPeople'
  | 'invitePerson'
  | 'getPerson'
  | 'changePerson'
  | 'removePerson'
  | 'disablePerson'
  | 'enablePerson'
  | 'makeInvitation';

export type PeopleHandlerParts = { readonly store: Pick<Store, 'people'>; readonly people: People };

const hourSeconds = 3600;

export function peopleHandlers({ store, people }: PeopleHandlerParts): Pick<Handlers, PeopleRoutes> {
  return {
    listPeople: async () => ({ items: await store.people.list() }),
    getPerson: ({ params }) => store.people.get(params.person),
    invitePerson: async ({ body, session, audit }) => {
      const { email, name = email.split('@')[0] ?? email, role, groups, mayExec, expiresInHours } = body;
      requireMayGive(required(session), { role, groups, mayExec });
      const person = await store.people.add({ email, name, grant: { role, groups, mayExec } });
      audit.changed(null, auditedPerson(person));
      return invitation(people, store, person, expiresInHours);
    },
    changePerson: async ({ params, body, session, audit }) =>
      told(
        audit,
        await store.people.change(
          params.person,
          body,
          allowing(required(session), (current) => requireOwnGrant(current, body)),
        ),
      ),
    disablePerson: async ({ params, session, audit }) =>
      told(audit, await store.people.disable(params.person, allowing(required(session)))),
    enablePerson: async ({ params, session, audit }) => told(audit, await store.people.enable(params.person, allowing(required(session)))),
    removePerson: async ({ params, session, audit }) => {
      audit.changed(auditedPerson(await store.people.remove(params.person, allowing(required(session)))), null);
      return undefined;
    },
    makeInvitation: async ({ params, body, session, audit }) => {
      const allow = allowing(required(session));
      const person = body.reset
        ? told(audit, await store.people.forgetCredentials(params.person, allow))
        : await store.people.get(params.person);
      allow(person, person);
      return invitation(people, store, person, body.expiresInHours);
    },
  };
}

/** Nobody decides about somebody who may more than he may, nor gives more than he has. */
const allowing =
  (session: Session, more: (current: Person) => void = () => undefined): AllowPersonChange =>
  (current, next) => {
    requireMayGive(session, current);
    requireMayGive(session, next);
    more(current);
  };

/** What the identity provider says at each sign-in would not last. */
function requireOwnGrant({ email, grantFromProvider }: Person, change: object): void {
  const isGrant = ['role', 'groups', 'mayExec'].some((member) => member in change);
  if (grantFromProvider && isGrant)
    throw problem('not-allowed', `What ${email} may do is said by the identity provider. Change it there, or disable the account here.`);
}

function told(audit: AuditNotes, { before, after }: ChangedPerson): Person {
  audit.changed(auditedPerson(before), auditedPerson(after));
  return after;
}

async function invitation({ links }: People, store: Pick<Store, 'people'>, person: Person, hours: number) {
  const { url, expiresAt } = await links.forPerson(person, hours * hourSeconds);
  return { person: await store.people.get(person.id), url, expiresAt };
}
