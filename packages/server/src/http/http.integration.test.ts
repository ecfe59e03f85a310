import { randomBytes } from 'node:crypto';
import { get } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, ask, askRaw, problemIn, type Wish } from '../../test/requests.ts';
import { freePort, indexPage, openServerOnStore, type TestServer } from '../../test/server-fixture.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openServerOnStore();
});
afterAll(() => server.close());

const web = (path: string, wish?: Wish): Promise<Answer> => ask({ port: server.port }, path, wish);
const local = (path: string, wish?: Wish): Promise<Answer> => ask({ socketPath: server.server.socketPath }, path, wish);
const json = { 'content-type': 'application/json' };

describe('what is wrong with a request', () => {
  it.each([
    { title: 'a body of another type', path: '/nodes', wish: { method: 'POST', headers: { 'content-type': 'text/xml' }, body: '<a/>' } },
    { title: 'a body without a type', path: '/nodes', wish: { method: 'POST', body: '{"name":"a"}' } },
    { title: 'damaged JSON', path: '/nodes', wish: { method: 'POST', headers: json, body: '{"name":' } },
    { title: 'no body', path: '/nodes', wish: { method: 'POST', headers: json } },
    {
      title: 'a body beyond the limit',
      path: '/nodes',
      wish: { method: 'POST', headers: json, body: JSON.stringify({ name: 'x'.repeat(2_000_000) }) },
    },
    { title: 'a prototype', path: '/nodes', wish: { method: 'POST', headers: json, body: '{"name":"a","__proto__":{"admin":true}}' } },
    {
      title: 'a form',
      path: '/nodes',
      wish: { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'name=a' },
    },
    { title: 'a damaged address', path: '/nodes/%zz', wish: {} },
    { title: 'an endless name', path: `/nodes/${'x'.repeat(400)}`, wish: {} },
    { title: 'a NUL in a name', path: '/nodes/a%00b', wish: {} },
    { title: 'an unknown route', path: '/nothing', wish: {} },
    { title: 'an unknown method', path: '/nodes', wish: { method: 'PATCH', headers: json, body: '{}' } },
    { title: 'OPTIONS', path: '/nodes', wish: { method: 'OPTIONS' } },
    { title: 'TRACE', path: '/nodes', wish: { method: 'TRACE' } },
  ])('is said as a problem: $title', async ({ path, wish }) => {
    for (const way of [local, web]) {
      const answer = await way(`/api/v1${path}`, wish);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
      expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/u);
      expect(problemIn(answer)).toMatchObject({ status: answer.status, code: expect.any(String) as string });
      expect(answer.text).not.toMatch(/node_modules|\.ts:\d|at \w+ \(/u);
    }
  });

  it('is said as a problem: headers beyond the limit, and what is no HTTP', async () => {
    for (const bytes of [
      `GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`,
      'HELO there\r\n\r\n',
      'GET / HTTP/1.1\r\n\r\n',
    ]) {
      const answer = await askRaw(server.port, bytes);
      expect(answer).toMatch(/^HTTP\/1\.1 4\d\d/u);
    }
    expect(await askRaw(server.port, 'HELO there\r\n\r\n')).toContain('application/problem+json');
  });

  it('is no trouble for the server', async () => {
    for (let i = 0; i < 20; i++) await askRaw(server.port, randomBytes(400).toString('latin1')).catch(() => undefined);
    expect((await web('/api/v1/health/live')).status).toBe(200);
    expect(server.lines.filter((line) => line.level === 'error')).toEqual([]);
  });
});

describe('HEAD', () => {
  it('answers as GET, without the body', async () => {
    expect(await web('/api/v1/health/live', { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
    expect(await web('/nodes', { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
    expect(await web('/api/v1/nodes', { method: 'HEAD' })).toMatchObject({ status: 401, text: '' });
  });
});

describe('headers', () => {
  it('keep pages of others out, on every answer', async () => {
    for (const path of ['/', '/api/v1/nodes', '/api/v1/health/live', '/nothing.js', '/api/v1/nodes/%zz']) {
      const { headers } = await web(path);
      expect(headers['content-security-policy'], path).toMatch(/default-src 'self'.*frame-ancestors 'none'/u);
      expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
      expect(headers['access-control-allow-origin']).toBeUndefined();
    }
    expect((await web('/api/v1/health/live')).headers['cache-control']).toBe('no-store');
  });
});

describe('the panel', () => {
  it('is served: the start page for its own addresses, assets for ever', async () => {
    for (const path of ['/', '/nodes', '/nodes/worker1', '/sign-in', '/nothing/at/all?x=1']) {
      expect(await web(path)).toMatchObject({ status: 200, text: indexPage, headers: { 'cache-control': 'no-cache' } });
    }
    const asset = await web('/assets/index-abc123.js');
    expect(asset.headers).toMatchObject({
      'content-type': expect.stringContaining('javascript') as string,
      'cache-control': expect.stringContaining('immutable') as string,
    });
    expect((await web('/assets/gone.js')).status).toBe(404);
    expect((await web('/nodes', { method: 'POST', headers: json, body: '{}' })).status).toBe(404);
  });

  it.each([
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/assets/%2e%2e%2f%2e%2e%2fsecret.txt',
    '/..%5csecret.txt',
    '//secret.txt',
    '/assets/%00/../../secret.txt',
    '/....//secret.txt',
    '/%252e%252e%252fsecret.txt',
  ])('never leaves its folder: %s', async (path) => {
    const answer = await web(path);
    expect(answer.text).not.toContain('not for the panel');
    expect(answer.status).toBeLessThan(500);
  });

  it('is not on the socket', async () => {
    expect((await local('/')).status).toBe(404);
  });
});

describe('with TLS', () => {
  it('shows a certificate of this installation for the addresses of this machine', async () => {
    const secure = await openServerOnStore({ MUSTER_HTTP_TLS: 'on', MUSTER_HTTP_PORT: String(await freePort()) });
    try {
      const port = Number(new URL(secure.server.panelUrl).port);
      expect(secure.server.panelUrl).toMatch(/^https:/u);
      const peer = await new Promise<{ names: string | undefined; status: number | undefined }>((resolve, reject) => {
        get({ host: '127.0.0.1', port, path: '/api/v1/health/live', rejectUnauthorized: false, agent: false }, (response) => {
          resolve({ names: (response.socket as TLSSocket).getPeerCertificate().subjectaltname, status: response.statusCode });
          response.resume();
        }).on('error', reject);
      });
      expect(peer.status).toBe(200);
      expect(peer.names).toContain('IP Address:127.0.0.1');
      expect(peer.names).toContain('DNS:server.muster.internal');
    } finally {
      await secure.close();
    }
  });
});
