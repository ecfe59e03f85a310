import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serverIdentity } from '@muster/api';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Credentials, type GatewayFixture, openGateway } from '../test/gateway-fixture.ts';

// More than what the kernel takes for a peer that does not read.
const content = Buffer.alloc(40_000_000, randomBytes(1_000_003));
const sha256 = createHash('sha256').update(content).digest('hex');

async function fixture() {
  const gateway = await openGateway();
  const folder = mkdtempSync(join(tmpdir(), 'muster-artifacts-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, sha256);
  writeFileSync(path, content);
  gateway.artifacts.set(sha256, { path, sizeBytes: content.length });
  const { node } = await gateway.addNode('web1');
  return { gateway, node, credentials: await gateway.certify(node) };
}

type Wish = { path?: string; range?: string; method?: string; credentials?: Partial<Credentials> };

/** The head of an answer; its body is for the test to read. */
function ask(
  { port, authority }: GatewayFixture,
  { path = `/artifacts/${sha256}`, range, method = 'GET', credentials }: Wish,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const call = request({
      host: '127.0.0.1',
      port,
      path,
      method,
      ca: authority.rootPem,
      servername: serverIdentity,
      agent: false,
      ...(credentials === undefined ? {} : { key: credentials.keyPem, cert: credentials.chainPem }),
      headers: range === undefined ? {} : { range },
    });
    call.once('response', resolve);
    call.once('error', reject);
    call.end();
  });
}

async function bodyOf(response: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

describe('an artifact at the agents’ door', () => {
  it('is given whole, or from where a node is', async () => {
    const { gateway, credentials } = await fixture();
    const whole = await ask(gateway, { credentials });
    expect([whole.statusCode, whole.headers['content-length']]).toEqual([200, String(content.length)]);
    expect((await bodyOf(whole)).equals(content)).toBe(true);
    const rest = await ask(gateway, { credentials, range: 'bytes=39999000-' });
    expect([rest.statusCode, rest.headers['content-range']]).toEqual([206, `bytes 39999000-${content.length - 1}/${content.length}`]);
    expect((await bodyOf(rest)).equals(content.subarray(39_999_000))).toBe(true);
  });

  it.each([
    ['beyond the end', `bytes=${content.length}-`, 416],
    ['of another form', 'bytes=0-99', 200],
    ['that is nonsense', 'lines=1-', 200],
  ])('with a range %s is answered with it', async (_what, range, status) => {
    const { gateway, credentials } = await fixture();
    const answer = await ask(gateway, { credentials, range });
    expect(answer.statusCode).toBe(status);
    answer.destroy();
  });

  it('is for nodes with a certificate in force alone', async () => {
    const { gateway, node, credentials } = await fixture();
    const stranger = await ask(gateway, {});
    expect([stranger.statusCode, (await bodyOf(stranger)).toString()]).toEqual([
      403,
      expect.stringContaining('No client certificate was shown'),
    ]);
    await gateway.store.nodes.remove(node.name);
    const removed = await ask(gateway, { credentials });
    expect([removed.statusCode, (await bodyOf(removed)).toString()]).toEqual([403, expect.stringContaining('web1 was removed')]);
    expect(gateway.gateway.refusals().get('no-certificate')).toBe(1);
  });

  it.each([
    ['is not there', `/artifacts/${'0'.repeat(64)}`, 'GET'],
    ['leads out of the folder', '/artifacts/../../etc/passwd', 'GET'],
    ['is in capitals', `/artifacts/${sha256.toUpperCase()}`, 'GET'],
    ['is asked for otherwise', `/artifacts/${sha256}`, 'DELETE'],
  ])('that %s is not found', async (_what, path, method) => {
    const { gateway, credentials } = await fixture();
    const answer = await ask(gateway, { credentials, path, method });
    expect(answer.statusCode).toBe(404);
    await bodyOf(answer);
  });

  it('is given to so many at once; the others are told to wait', async () => {
    const { gateway, credentials } = await fixture();
    const { node: second } = await gateway.addNode('web2');
    const others = await gateway.certify(second);
    // Held open: nobody reads.
    const held = [await ask(gateway, { credentials }), await ask(gateway, { credentials: others })];
    const { node: third } = await gateway.addNode('web3');
    const late = await gateway.certify(third);
    const waiting = await ask(gateway, { credentials: late });
    expect([waiting.statusCode, waiting.headers['retry-after']]).toEqual([429, '60']);
    await bodyOf(waiting);
    for (const one of held) one.destroy();
    await expect
      .poll(async () => {
        const answer = await ask(gateway, { credentials: late });
        answer.destroy();
        return answer.statusCode;
      })
      .toBe(200);
  });

  it('ends in the middle for a node that is removed', async () => {
    const { gateway, node, credentials } = await fixture();
    const answer = await ask(gateway, { credentials });
    const read = bodyOf(answer);
    read.catch(() => undefined);
    answer.pause();
    await gateway.store.nodes.remove(node.name);
    answer.resume();
    const outcome = await read.then(
      (bytes) => bytes.length,
      () => 'cut',
    );
    expect(outcome).toBe('cut');
  });

  it('is 503 while the database is away, and nothing of it is told', async () => {
    const { gateway, credentials } = await fixture();
    const { StoreUnavailable } = await import('@muster/store');
    gateway.spy.fail = () => new StoreUnavailable('secret');
    const answer = await ask(gateway, { credentials });
    const text = (await bodyOf(answer)).toString();
    expect(answer.statusCode).toBe(503);
    expect(text).not.toContain('secret');
  });
});
