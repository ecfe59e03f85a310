import type { Invitation, Person } from '@muster/api';
import { afterEach, describe, expect, it } from 'vitest';
import { type Answer, type Asked, FakeServer, problemAnswer } from '../../../test/fake-server.ts';
import { runMuster } from '../../../test/run-muster.ts';

const person: Person = {
  id: 'p1',
  email: 'bob@example.org',
  name: 'Bob',
  role: 'operator',
  groups: ['web', 'db'],
  mayExec: true,
  state: 'active',
  hasPassword: true,
  twoFactor: true,
  provider: null,
  grantFromProvider: false,
  createdAt: '2026-01-01T00:00:00.000Z',
  lastSignInAt: '2026-01-02T03:04:05.000Z',
  invitedUntil: null,
};
const invitation: Invitation = { person, url: 'https://x/sign-in#token=abc', expiresAt: '2026-01-04T00:00:00.000Z' };

let server: FakeServer | undefined;
afterEach(() => server?.stop());
const people = async (answer: (asked: Asked) => Answer, ...args: string[]) => {
  server = await FakeServer.start(answer);
  return runMuster('--socket', server.socketPath, 'people', ...args);
};
const sent = () => server?.asked.map(({ method, path, body }) => [method, path, body]);

describe('muster people', () => {
  it('lists everyone, in every form', async () => {
    const nobody: Person = {
      ...person,
      email: 'new@example.org',
      groups: null,
      state: 'invited',
      lastSignInAt: null,
      mayExec: false,
      twoFactor: false,
    };
    const list = () => ({ body: { items: [person, nobody] } });
    const { stdout } = await people(list, 'list');
    expect(stdout.split('\n').map((line) => line.split(/ {2,}/u))).toEqual([
      ['E-MAIL', 'NAME', 'ROLE', 'GROUPS', 'EXEC', 'STATE', '2FA', 'LAST SIGN-IN'],
      ['bob@example.org', 'Bob', 'operator', 'web, db', 'yes', 'active', 'on', '2026-01-02 03:04'],
      ['new@example.org', 'Bob', 'operator', 'all nodes', 'no', 'invited', 'off', 'never'],
      [''],
    ]);
    await server?.stop();
    expect(JSON.parse((await people(list, 'list', '-o', 'json')).stdout)).toEqual([person, nobody]);
    await server?.stop();
    expect((await people(list, 'list', '-o', 'name')).stdout).toBe('bob@example.org\nnew@example.org\n');
  });

  it('invites with what is given, and leaves to the server what is not', async () => {
    const answer = () => ({ status: 201, body: invitation });
    const { stdout } = await people(
      answer,
      'invite',
      'bob@example.org',
      '--role',
      'operator',
      '--group',
      'web',
      '--group',
      'db',
      '--exec',
      '--name',
      'Bob',
    );
    expect(stdout).toBe('https://x/sign-in#token=abc\nFor bob@example.org: valid once, until 2026-01-04T00:00:00.000Z.\n');
    expect(sent()).toEqual([
      [
        'POST',
        '/people',
        { email: 'bob@example.org', name: 'Bob', role: 'operator', groups: ['web', 'db'], mayExec: true, expiresInHours: 72 },
      ],
    ]);
    await server?.stop();
    await people(answer, 'invite', 'bob@example.org');
    expect(sent()).toEqual([['POST', '/people', { email: 'bob@example.org', expiresInHours: 72 }]]);
  });

  it('changes only what is named', async () => {
    const answer = () => ({ body: { ...person, groups: null } });
    const { stdout } = await people(answer, 'change', 'bob@example.org', '--all-groups', '--no-exec');
    expect(stdout).toBe('bob@example.org: operator, all nodes, exec yes.\n');
    expect(sent()).toEqual([['PUT', '/people/bob%40example.org', { groups: null, mayExec: false }]]);
    await server?.stop();
    expect(await people(answer, 'change', 'bob@example.org', '--all-groups', '--group', 'web')).toMatchObject({ code: 2, stdout: '' });
    expect(sent()).toEqual([]);
  });

  it.each<[string[], unknown[], Answer, RegExp]>([
    [['disable', 'p1'], ['POST', '/people/p1/disable', undefined], { body: person }, /bob@example\.org is shut out/u],
    [['enable', 'p1'], ['POST', '/people/p1/enable', undefined], { body: person }, /may come in again/u],
    [['remove', 'p1'], ['DELETE', '/people/p1', undefined], { status: 204 }, /p1 is removed/u],
    [
      ['link', 'p1', '--reset'],
      ['POST', '/people/p1/invitations', { reset: true, expiresInHours: 72 }],
      { status: 201, body: invitation },
      /#token=abc\n/u,
    ],
  ])('%s', async (args, asked, answer, said) => {
    const { code, stdout } = await people(() => answer, ...args);
    expect([code, sent()]).toEqual([0, [asked]]);
    expect(stdout).toMatch(said);
  });

  it('says what the server says', async () => {
    const { code, stderr } = await people(() => problemAnswer('last-administrator', 'bob is the last administrator.'), 'remove', 'bob');
    expect([code, stderr]).toEqual([1, 'error: bob is the last administrator.\n']);
    await server?.stop();
    expect(await people(() => ({ body: {} }), 'invite', 'a@x.org', '--role', 'root')).toMatchObject({ code: 2 });
    await server?.stop();
    expect(await people(() => ({ body: {} }), 'invite', 'a@x.org', '--expires-in-hours', '0')).toMatchObject({ code: 2 });
  });

  it('shows hostile names and does not obey them', async () => {
    const hostile = { ...person, email: 'a\u001B[2J@x.org', name: '\u202Ename', provider: '\u0007' };
    const { stdout } = await people(() => ({ body: { items: [hostile] } }), 'list', '-o', 'wide');
    expect(stdout.replaceAll('\n', '')).not.toMatch(/\p{Cc}|\p{Cf}/u);
  });
});
