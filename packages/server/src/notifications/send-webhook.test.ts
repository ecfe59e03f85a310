import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttps } from 'node:https';
import { type AddressInfo, createServer as createTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { HookReceiver } from '../../test/hook-receiver.ts';
import { freePort } from '../../test/server-fixture.ts';
import { selfSigned } from '../../test/self-signed.ts';
import { makeAddressGuard } from './address-guard.ts';
import { sendWebhook, type WebhookCall } from './send-webhook.ts';

let receiver: HookReceiver | undefined;
afterEach(() => receiver?.close());

const call = (url: string, rest: Partial<WebhookCall> = {}): WebhookCall => ({
  url,
  secret: 'the secret',
  deliveryId: 'd-1',
  body: '{"events":[]}',
  nowMs: Date.parse('2026-07-01T00:00:00.900Z'),
  version: '1.2.3',
  guard: makeAddressGuard(['127.0.0.1', 'localhost']),
  signal: new AbortController().signal,
  ...rest,
});

describe('a call of a webhook', () => {
  it('carries the body, and a signature that the other side can check', async () => {
    receiver = await HookReceiver.open();
    expect(await sendWebhook(call(`${receiver.url}?a=b`))).toEqual({ told: true });
    const [{ path, headers, body } = { path: '', headers: {}, body: '' }] = receiver.calls;
    expect([path, body]).toEqual(['/hook?a=b', '{"events":[]}']);
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': 'Muster/1.2.3',
      'muster-delivery': 'd-1',
      'muster-timestamp': String(Date.parse('2026-07-01T00:00:00Z') / 1000),
    });
    const expected = createHmac('sha256', 'the secret')
      .update(`${String(headers['muster-timestamp'])}.${body}`)
      .digest('hex');
    expect(headers['muster-signature']).toBe(`v1=${expected}`);
  });

  it.each([200, 201, 204, 299])('that is answered with %i succeeded', async (status) => {
    receiver = await HookReceiver.open();
    receiver.answer = (response) => void response.writeHead(status).end(status === 204 ? undefined : 'x'.repeat(100_000));
    expect(await sendWebhook(call(receiver.url))).toEqual({ told: true });
  });

  it.each([400, 404, 410, 500, 503])('that is answered with %i failed', async (status) => {
    receiver = await HookReceiver.open();
    receiver.answer = (response) => void response.writeHead(status, 'evil words').end();
    expect(await sendWebhook(call(receiver.url))).toEqual({ told: false, message: `the answer was status ${status}`, permanent: false });
  });

  it.each([301, 302, 307, 308])('follows no redirect with %i', async (status) => {
    receiver = await HookReceiver.open();
    const { port } = receiver;
    receiver.answer = (response) => void response.writeHead(status, { location: `http://127.0.0.1:${port}/elsewhere` }).end();
    expect(await sendWebhook(call(receiver.url))).toMatchObject({ told: false, message: expect.stringContaining('redirect') });
    expect(receiver.calls.map((one) => one.path)).toEqual(['/hook']);
  });

  it('does not reach this machine unless that is allowed, by address nor by name', async () => {
    receiver = await HookReceiver.open();
    const guard = makeAddressGuard(undefined);
    for (const host of ['127.0.0.1', 'localhost', '[::1]', '2130706433']) {
      const outcome = await sendWebhook(call(`http://${host}:${receiver.port}/`, { guard }));
      expect(outcome, host).toMatchObject({ told: false, message: expect.stringContaining('webhooks.allow') });
    }
    expect(receiver.calls).toEqual([]);
  });

  it('is over after its time, whatever the other side does', async () => {
    const silent = createTcp(() => undefined).listen(0, '127.0.0.1');
    const dripping = createTcp((socket) => {
      socket.on('error', () => undefined);
      const timer = setInterval(() => socket.write('HTTP/1.1 100 Continue\r\n\r\n'), 20);
      socket.on('close', () => clearInterval(timer));
    }).listen(0, '127.0.0.1');
    await Promise.all([silent, dripping].map((server) => once(server, 'listening')));
    for (const server of [silent, dripping]) {
      onTestFinished(() => void server.close());
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      expect(await sendWebhook(call(url, { timeoutMs: 300 }))).toMatchObject({ told: false, message: 'no answer within 0.3 s' });
    }
  });

  it('says in words what went wrong, and never the address', async () => {
    const port = await freePort();
    const refused = await sendWebhook(call(`http://127.0.0.1:${port}/secret-path`));
    expect(refused).toMatchObject({ told: false, message: 'the connection failed (ECONNREFUSED)' });
    const unknown = await sendWebhook(call('http://nothing.invalid/secret-path', { guard: makeAddressGuard(undefined) }));
    expect(unknown).toMatchObject({ told: false, message: expect.not.stringContaining('secret-path') });
    const garbage = createTcp((socket) => socket.end('SSH-2.0-OpenSSH\r\n')).listen(0, '127.0.0.1');
    await once(garbage, 'listening');
    onTestFinished(() => void garbage.close());
    const odd = await sendWebhook(call(`http://127.0.0.1:${(garbage.address() as AddressInfo).port}/`));
    expect(odd).toMatchObject({ told: false, message: expect.stringContaining('the connection failed') });
  });

  it('speaks TLS only with who is trusted', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'muster-hook-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const { key, cert, certPath } = selfSigned(folder);
    const server = createHttps({ key, cert }, (_request, response) => void response.writeHead(204).end()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    expect(await sendWebhook(call(url))).toMatchObject({ told: false, message: expect.stringContaining('not trusted') });
    expect(await sendWebhook(call(url, { caFile: certPath }))).toEqual({ told: true });
    expect(await sendWebhook(call(url, { caFile: `${certPath}x` }))).toMatchObject({
      told: false,
      message: expect.stringContaining('ENOENT'),
    });
  });

  it('that is broken off ends with that', async () => {
    receiver = await HookReceiver.open();
    const stopping = new AbortController();
    receiver.answer = () => stopping.abort(new Error('going down'));
    await expect(sendWebhook(call(receiver.url, { signal: stopping.signal }))).rejects.toThrow('going down');
  });
});
