import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Event } from '@muster/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DemoServer } from './demo-server.ts';

let demo: DemoServer;
beforeAll(async () => {
  demo = await DemoServer.start(1, { MUSTER_WEBHOOKS_ALLOW: '127.0.0.1' });
}, 180_000);
afterAll(() => demo.stop(), 60_000);

describe('muster events', () => {
  it('has those of a severity, a kind, a node and a time', async () => {
    const kinds = (await demo.json<Event[]>('events', '--kind', 'node-added', '--node', 'demo-1')).map(({ kind }) => kind);
    expect(kinds).toEqual(['node-added']);
    const all = await demo.json<Event[]>('events', '--limit', '1000');
    const at = all.at(-1)?.at ?? '';
    expect((await demo.json<Event[]>('events', '--until', at)).length).toBeLessThan(all.length);
    expect(await demo.json<Event[]>('events', '--since', 'now+1h')).toEqual([]);
    expect((await demo.json<Event[]>('events', '--severity', 'error')).every(({ severity }) => severity === 'error')).toBe(true);
  }, 60_000);
});

describe('muster webhook and subscription', () => {
  it('add, test, list and remove', async () => {
    const bodies: string[] = [];
    const listener = createServer((request, response) => {
      void text(request).then((body) => {
        bodies.push(body);
        response.end();
      });
    }).listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const { port } = listener.address() as AddressInfo;
    const added = await demo.run('webhook', 'add', 'pager', `http://127.0.0.1:${port}/x`);
    expect([added.code, added.stdout, added.stderr]).toEqual([0, expect.stringMatching(/^muster-webhook-\S+\n$/u), expect.anything()]);
    const id = (await demo.run('subscription', 'add', '--webhook', 'pager', '--severity', 'error', '-o', 'name')).stdout.trim();
    expect((await demo.run('subscription', 'list')).stdout).toMatch(/webhook pager +error/u);
    expect(await demo.run('webhook', 'test', 'pager')).toMatchObject({ code: 0, stdout: 'pager was told.\n' });
    expect(bodies).toHaveLength(1);
    await new Promise((resolve) => listener.close(resolve));
    expect(await demo.run('subscription', 'test', id)).toMatchObject({ code: 1 });
    expect((await demo.run('subscription', 'remove', id)).stdout).toContain('is removed');
    expect((await demo.run('webhook', 'remove', 'pager', '--yes')).stdout).toBe('pager is removed.\n');
    expect((await demo.run('webhook', 'list', '-o', 'name')).stdout).toBe('');
    expect(await demo.run('subscription', 'add', '--email', 'a@example.org')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('sends no mail'),
    });
  }, 60_000);
});
