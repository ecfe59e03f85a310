/* The program as it is started on a node: another process, killed without mercy. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { encodeJoinToken } from '@muster/api/agent';
import { afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { dueAgeMs, enrolledNode } from '../test/enrolled-node.ts';
import { makeFakeAuthority, type FakeAuthority } from '../test/fake-authority.ts';
import { FakeGateway, sendGarbage } from '../test/fake-gateway.ts';
import { temporaryFolder } from '../test/temporary-folder.ts';
import { waitFor } from '../test/wait-for.ts';
import { IdentityStore } from './state/identity-store.ts';

const program = fileURLToPath(new URL('main.ts', import.meta.url));

let authority: FakeAuthority;
let gateway: FakeGateway;
beforeAll(async () => {
  authority = await makeFakeAuthority();
});
beforeEach(async () => {
  gateway = await FakeGateway.start(authority);
});
afterEach(() => gateway.stop());

type Started = { readonly child: ChildProcessByStdio<null, Readable, Readable>; readonly text: () => string };

function start(...args: string[]): Started {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
  onTestFinished(() => void child.kill('SIGKILL'));
  return { child, text: () => text };
}

async function finish(...args: string[]): Promise<{ status: unknown; text: string }> {
  const { child, text } = start(...args);
  const [status] = (await once(child, 'close')) as unknown[];
  return { status, text: text() };
}

function configFile(folder: string, value: unknown = { watch: ['ssh.service'] }): string {
  const file = join(folder, 'config.json');
  writeFileSync(file, typeof value === 'string' ? value : JSON.stringify(value));
  return file;
}

describe('the program', () => {
  it('enrols, runs, reports and stops, and no secret shows', async () => {
    const stateDir = join(temporaryFolder(), 'state');
    const token = encodeJoinToken({
      name: 'worker1',
      secret: 'very-secret',
      caFingerprint: authority.authority.fingerprint,
      servers: [gateway.address],
    });
    const tokenFile = join(temporaryFolder(), 'token');
    writeFileSync(tokenFile, `${token}\n`);
    const enrolled = await finish('enroll', '--token-file', tokenFile, '--state-dir', stateDir);
    expect(enrolled).toMatchObject({ status: 0, text: expect.stringMatching(/^Enrolled worker1 as/u) });
    // The token is not even read: there is none.
    const again = await finish('enroll', '--token-file', '/no/such/token', '--state-dir', stateDir);
    expect(again).toMatchObject({ status: 1, text: expect.stringMatching(/already enrolled as worker1.*"muster node reissue worker1"/u) });

    const running = start('run', '--state-dir', stateDir, '--config', configFile(stateDir));
    await gateway.waitForMessages('report', 1, 8000);
    expect(gateway.messages('report')[0]?.message.facts.bootId).toMatch(/^[0-9a-f-]{36}$/u);
    running.child.kill('SIGTERM');
    const [status] = (await once(running.child, 'close')) as unknown[];
    expect([status, running.text().includes('agent stops')]).toEqual([0, true]);
    expect(enrolled.text + again.text + running.text()).not.toMatch(/very-secret|muster1\.|PRIVATE|BEGIN/u);
  });

  it('survives garbage, and kill -9 at any moment', async () => {
    const { stateDir } = await enrolledNode(authority, [gateway.address]);
    const args = ['run', '--state-dir', stateDir, '--config', configFile(stateDir)];
    for (let round = 1; round <= 3; round += 1) {
      const { child } = start(...args);
      await gateway.waitForMessages('hello', round, 8000);
      if (round > 1) await gateway.waitForMessages('heartbeat', round, 8000);
      for (const { socket } of gateway.openConnections) sendGarbage(socket);
      child.kill('SIGKILL');
      await once(child, 'close');
    }
    start(...args);
    await gateway.waitForMessages('report', 2, 8000);
  });

  it('renews with a key made by a process of its own', async () => {
    const { stateDir, identity } = await enrolledNode(authority, [gateway.address], dueAgeMs);
    const { text } = start('run', '--state-dir', stateDir, '--config', configFile(stateDir));
    await waitFor(() => text().includes('certificate renewed'), 'the renewal', 9000);
    const current = await new IdentityStore(stateDir).current();
    expect(current).toMatchObject({ generation: 2, nodeId: identity.nodeId });
    expect(text()).not.toMatch(/PRIVATE|BEGIN/u);
  });

  it('completes a renewal that kill -9 cut off at any moment', async () => {
    gateway.behaviour.renewal = 'ignore';
    const { stateDir } = await enrolledNode(authority, [gateway.address], dueAgeMs);
    const args = ['run', '--state-dir', stateDir, '--config', configFile(stateDir)];
    const first = start(...args);
    await gateway.waitForMessages('renew', 1, 9000);
    first.child.kill('SIGKILL');
    await once(first.child, 'close');
    gateway.behaviour.renewal = 'certify';
    const second = start(...args);
    await waitFor(() => second.text().includes('certificate renewed'), 'the renewal', 9000);
    const [before, after] = gateway.messages('renew');
    expect(after?.message.csrPem).toBe(before?.message.csrPem);
  });
});

describe('the program does not start', () => {
  it.each([
    ['{', /^muster-agent: The configuration \S+ is not JSON: [^\n]+\n$/u],
    [
      { wacth: [] },
      /^muster-agent: The configuration \S+ has an unknown key "wacth"; known are watch, servers, logLevel, startAfterEnrolment, hostname, environmentsDir, buildAsSelf\n$/u,
    ],
  ])('with a configuration of %j', async (config, message) => {
    const { stateDir } = await enrolledNode(authority, [gateway.address]);
    const { status, text } = await finish('run', '--state-dir', stateDir, '--config', configFile(stateDir, config));
    expect(status).toBe(2);
    expect(text).toMatch(message);
  });

  it('without an identity', async () => {
    const { status, text } = await finish('run', '--state-dir', temporaryFolder());
    expect([status, text]).toEqual([1, expect.stringMatching(/^muster-agent: This node is not enrolled/u)]);
  });
});
