import { problem, type ApiKey, type AuditEntry, type Invitation, type Person } from '@muster/api';
import { nextId, type Call, type FakeHandlers } from './call.ts';
import { fakePerson } from './fake-people.ts';
import { sessionOf } from './session-handlers.ts';
import { account, type FakeWorld } from './world.ts';

const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();

function find(world: FakeWorld, key: string | undefined): Person {
  const found = world.people.find(({ id, email }) => id === key || email === key);
  if (found === undefined) throw problem('not-found', `There is no account "${key}".`);
  return found;
}

function change(world: FakeWorld, key: string | undefined, changes: Partial<Person>): Person {
  const found = find(world, key);
  const administrators = world.people.filter(({ role, state }) => role === 'administrator' && state === 'active');
  const isLast = administrators.length === 1 && administrators[0] === found;
  if (isLast && ((changes.role ?? 'administrator') !== 'administrator' || changes.state === 'disabled'))
    throw problem('last-administrator', `${found.name} is the last administrator.`);
  return Object.assign(found, changes);
}

const linkFor = (person: Person, hours: number): Invitation => ({
  person: Object.assign(person, { invitedUntil: inHours(hours) }),
  url: `http://fake/sign-in#token=invitation-${nextId().slice(-4)}`,
  expiresAt: inHours(hours),
});

function invite(world: FakeWorld, { body }: Call): Invitation {
  const { email, name, expiresInHours, ...grant } = body as Partial<Person> & { email: string; expiresInHours: number };
  if (world.people.some((one) => one.email === email)) throw problem('person-exists', `There is an account with ${email} already.`);
  const person = fakePerson(nextId(), {
    ...grant,
    email,
    name: name ?? email.split('@', 1)[0] ?? email,
    state: 'invited',
    hasPassword: false,
    lastSignInAt: null,
  });
  world.people.push(person);
  return linkFor(person, expiresInHours);
}

function makeKey(world: FakeWorld, { body }: Call) {
  const { name, role, groups, mayExec, expiresInDays } = body as ApiKey & { expiresInDays: number };
  const secret = `muster_${nextId().replaceAll('-', '')}`;
  const key: ApiKey = {
    id: nextId(),
    name,
    prefix: secret.slice(0, 12),
    ownerId: account.id,
    ownerName: account.name,
    role,
    groups: groups ?? sessionOf(world).groups,
    mayExec,
    createdAt: new Date().toISOString(),
    expiresAt: inHours(expiresInDays * 24),
    lastUsedAt: null,
    lastUsedFrom: null,
    revokedAt: null,
    state: 'active',
  };
  world.keys.unshift(key);
  return { key, secret };
}

function revokeKey(world: FakeWorld, { params }: Call): ApiKey {
  const found = world.keys.find(({ id }) => id === params['id']);
  if (found === undefined) throw problem('not-found', 'There is no such key.');
  return Object.assign(found, { state: 'revoked', revokedAt: new Date().toISOString() });
}

type Search = { who?: string; what?: string; node?: string; result?: string; from?: string; to?: string };

const holds = (text: string, part: string | undefined) => part === undefined || text.toLowerCase().includes(part.toLowerCase());

const isWithin = (at: string, { from, to }: Search) => (from === undefined || at >= from) && (to === undefined || at <= to);

function found(world: FakeWorld, search: Search): AuditEntry[] {
  const { who, what, node, result } = search;
  return world.audit.filter(
    (entry) =>
      holds(`${entry.who.name} ${entry.from}`, who) &&
      holds(`${entry.what} ${entry.target?.name ?? ''}`, what) &&
      (node === undefined || entry.nodes.includes(node)) &&
      (result === undefined || entry.result === result) &&
      isWithin(entry.at, search),
  );
}

/** Accounts, keys, the audit log. */
export const peopleHandlers: FakeHandlers = {
  listPeople: (world) => ({ items: world.people }),
  getPerson: (world, { params }) => find(world, params['person']),
  invitePerson: invite,
  changePerson: (world, { params, body }) => change(world, params['person'], body as Partial<Person>),
  removePerson: (world, { params }) => {
    const gone = change(world, params['person'], { state: 'disabled' });
    world.people = world.people.filter((one) => one !== gone);
  },
  disablePerson: (world, { params }) => change(world, params['person'], { state: 'disabled' }),
  enablePerson: (world, { params }) => change(world, params['person'], { state: 'active' }),
  makeInvitation: (world, { params, body }) => {
    const { reset, expiresInHours } = body as { reset: boolean; expiresInHours: number };
    const person = find(world, params['person']);
    if (reset) Object.assign(person, { hasPassword: false, twoFactor: false });
    return linkFor(person, expiresInHours);
  },
  listOwnKeys: (world) => ({ items: world.keys.filter(({ ownerId }) => ownerId === account.id) }),
  listKeys: (world) => ({ items: world.keys }),
  makeKey,
  revokeOwnKey: revokeKey,
  revokeKey,
  listAudit: (world, { query }) => {
    const { limit, before } = query as { limit: number; before?: number };
    const all = found(world, query);
    return {
      items: all
        .filter(({ id }) => before === undefined || id < before)
        .toReversed()
        .slice(0, limit),
      total: all.length,
    };
  },
  exportAudit: (world, { query }) =>
    found(world, query as Search)
      .map((entry) => `${JSON.stringify(entry)}\n`)
      .join(''),
};
