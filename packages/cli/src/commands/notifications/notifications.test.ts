import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Subscription, Webhook } from '@muster/api';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { type Answer, type Asked, FakeServer, problemAnswer } from '../../../test/fake-server.ts';
import { runMuster } from '../../../test/run-muster.ts';

const id = '3f6c2a0e-4f0e-4d6f-9a5d-6f4d0f1f2a3b';
const webhook: Webhook = {
  id,
  name: 'pager',
  url: 'https://pager.example.org/muster',
  state: 'failing',
  failingSince: '2026-01-02T03:04:05.000Z',
  lastError: 'status 500\u001B[2J',
  lastDeliveredAt: null,
  waiting: 7,
  createdAt: '2026-01-01T00:00:00.000Z',
  createdBy: 'ada',
};
const subscription: Subscription = {
  id,
  target: { kind: 'webhook', webhookId: id, name: 'pager' },
  kinds: [],
  severity: 'warning',
  groups: [],
  range: null,
  own: false,
  createdAt: '2026-01-01T00:00:00.000Z',
  createdBy: 'ada',
};

let server: FakeServer | undefined;
const folder = mkdtempSync(join(tmpdir(), 'muster-webhook-'));
afterEach(() => server?.stop());
afterEach(() => rmSync(join(folder, 'secret'), { force: true }));
afterAll(() => rmSync(folder, { recursive: true }));
const muster = async (answer: (asked: Asked) => Answer, ...args: string[]) => {
  server = await FakeServer.start(answer);
  return runMuster('--socket', server.socketPath, ...args);
};
const sent = () => server?.asked.filter(({ method }) => method !== 'GET').map(({ method, path, body }) => [method, path, body]);

describe('muster webhook', () => {
  const list = ({ method }: Asked): Answer => (method === 'GET' ? { body: { items: [webhook] } } : { status: 204 });
  const made = (): Answer => ({ status: 201, body: { webhook, secret: 'muster-webhook-x' } });

  it('lists and shows them, and obeys nothing that they say', async () => {
    const { stdout } = await muster(list, 'webhook', 'list');
    expect(stdout).toBe('NAME   STATE    WAITING  DELIVERED  URL\npager  failing        7  never      https://pager.example.org/muster\n');
    await server?.stop();
    const shown = (await muster(list, 'webhook', 'show', 'pager')).stdout;
    expect(shown).toContain('FAILING SINCE  2026-01-02 03:04\n');
    expect(shown).not.toContain('\u001B[2J');
    await server?.stop();
    expect(await muster(list, 'webhook', 'show', 'nobody')).toMatchObject({
      code: 1,
      stderr: 'error: There is no webhook nobody. There are pager.\n',
    });
  });

  it('adds one; its secret is alone on standard output', async () => {
    const { code, stdout, stderr } = await muster(made, 'webhook', 'add', 'pager', webhook.url);
    expect([code, stdout, stderr]).toEqual([0, 'muster-webhook-x\n', 'This is the only time it is shown.\n']);
    expect(sent()).toEqual([['POST', '/webhooks', { name: 'pager', url: webhook.url }]]);
  });

  it('writes a secret to a file that only its owner reads, and makes none that it cannot keep', async () => {
    const out = join(folder, 'secret');
    const { stdout } = await muster(made, 'webhook', 'secret', 'pager', '--out', out);
    expect([stdout, readFileSync(out, 'utf8'), statSync(out).mode & 0o777]).toEqual([
      `The secret of pager is in ${out}.\n`,
      'muster-webhook-x\n',
      0o600,
    ]);
    await server?.stop();
    const { code, stderr } = await muster(made, 'webhook', 'add', 'pager', webhook.url, '--out', out);
    expect([code, sent()]).toEqual([1, []]);
    expect(stderr).toContain('No secret was made.');
  });

  it.each([
    [true, 0],
    [false, 1],
  ])('tests one: delivered %s', async (delivered, wanted) => {
    const { code, stdout } = await muster(() => ({ body: { delivered, message: 'so it went' } }), 'webhook', 'test', 'pager');
    expect([code, stdout]).toEqual([wanted, 'so it went\n']);
  });

  it('enables one', async () =>
    expect((await muster(() => ({ body: { ...webhook, state: 'working' } }), 'webhook', 'enable', 'pager')).stdout).toBe(
      'pager is working; 7 events wait.\n',
    ));

  it('removes one after a yes', async () => {
    const { code, stderr } = await muster(list, 'webhook', 'remove', 'pager');
    expect([code, sent()]).toEqual([2, []]);
    expect(stderr).toContain('with its subscriptions and 7 waiting events? Nothing was removed. Say --yes.');
    await server?.stop();
    expect((await muster(list, 'webhook', 'remove', 'pager', '--yes')).stdout).toBe('pager is removed.\n');
    expect(sent()).toEqual([['DELETE', `/webhooks/${id}`, undefined]]);
  });
});

describe('muster subscription', () => {
  const made = (): Answer => ({ status: 201, body: subscription });

  it.each<[string[], string, object]>([
    [['--email', 'a@x.org'], '/subscriptions', { target: { kind: 'email', address: 'a@x.org' }, kinds: [], groups: [] }],
    [
      ['--webhook', 'pager', '--severity', 'error', '--kind', 'node-health', '--kind', 'sign-in', '--group', 'web'],
      '/subscriptions',
      { target: { kind: 'webhook', webhook: 'pager' }, severity: 'error', kinds: ['node-health', 'sign-in'], groups: ['web'] },
    ],
    [['--me', '--range', 'rack1,-node07'], '/session/subscriptions', { kinds: [], groups: [], range: 'rack1,-node07' }],
  ])('add %j', async (args, path, body) => {
    const { code, stdout } = await muster(made, 'subscription', 'add', ...args);
    expect([code, stdout]).toEqual([0, `webhook pager is told from now on; to end it: muster subscription remove ${id}\n`]);
    expect(sent()).toEqual([['POST', path, body]]);
  });

  it.each([
    [[], 'Say --email ADDRESS, --webhook NAME or --me'],
    [['--me', '--email', 'a@x.org'], 'one of them'],
    [['--me', '--severity', 'bad'], 'info, warning, error'],
    [['--me', '--kind', 'bad'], 'node-health'],
    [['--me', '--range', 'a[1-'], 'a[1-'],
  ])('add %j is a wrong command line', async (args, said) => {
    const { code, stderr } = await muster(made, 'subscription', 'add', ...args);
    expect([code, sent()]).toEqual([2, []]);
    expect(stderr).toContain(said);
  });

  it('lists who is told of what, and says when no mail goes out', async () => {
    const mail: Subscription = {
      ...subscription,
      target: { kind: 'email', address: 'a@x.org' },
      kinds: ['sign-in'],
      groups: ['web'],
      range: 'all',
    };
    const { stdout, stderr } = await muster(() => ({ body: { items: [subscription, mail], canMail: false } }), 'subscription', 'list');
    expect(stdout.split('\n').map((line) => line.split(/ {2,}/u))).toEqual([
      ['ID', 'TO', 'FROM SEVERITY', 'KINDS', 'NODES'],
      [id, 'webhook pager', 'warning', 'all', 'all'],
      [id, 'a@x.org', 'warning', 'sign-in', 'groups web; all'],
      [''],
    ]);
    expect(stderr).toContain('This server sends no mail');
  });

  it('removes anybody’s, or where that is not allowed one’s own', async () => {
    await muster(() => ({ status: 204 }), 'subscription', 'remove', id);
    expect(sent()).toEqual([['DELETE', `/subscriptions/${id}`, undefined]]);
    await server?.stop();
    const answer = ({ path }: Asked): Answer =>
      path.startsWith('/session') ? { status: 204 } : problemAnswer('not-allowed', 'Only administrators may do this.');
    const { stdout } = await muster(answer, 'subscription', 'remove', id);
    expect(stdout).toBe(`The subscription ${id} is removed.\n`);
    expect(sent()?.at(-1)).toEqual(['DELETE', `/session/subscriptions/${id}`, undefined]);
  });

  it('tests one', async () =>
    expect(await muster(() => ({ body: { delivered: false, message: 'it was not told' } }), 'subscription', 'test', id)).toMatchObject({
      code: 1,
      stdout: 'it was not told\n',
    }));
});
