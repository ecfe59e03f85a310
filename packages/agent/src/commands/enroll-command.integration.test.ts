/* Services that wait for the certificate, with a systemctl of the test's own. */
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeJoinToken } from '@muster/api/agent';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeFakeAuthority, type FakeAuthority } from '../../test/fake-authority.ts';
import { FakeGateway } from '../../test/fake-gateway.ts';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import { IdentityStore } from '../state/identity-store.ts';

const program = fileURLToPath(new URL('../main.ts', import.meta.url));
let authority: FakeAuthority;
let gateway: FakeGateway;
let folder: string;
beforeAll(async () => {
  authority = await makeFakeAuthority();
});
beforeEach(async () => {
  gateway = await FakeGateway.start(authority);
  folder = temporaryFolder();
  const systemctl = join(folder, 'systemctl');
  writeFileSync(
    systemctl,
    `#!/bin/sh\necho "$@" >> ${join(folder, 'asked')}\ncase "$4" in missing*) echo "Unit $4 not found." >&2; exit 5;; esac\n`,
  );
  chmodSync(systemctl, 0o755);
});
afterEach(() => gateway.stop());

const asked = (): string[] => (existsSync(join(folder, 'asked')) ? readFileSync(join(folder, 'asked'), 'utf8').trim().split('\n') : []);
const stateDir = (): string => join(folder, 'state');

/** Enrols with a token on standard input. */
async function enroll(...args: string[]): Promise<{ status: unknown; text: string }> {
  const env = { ...process.env, PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}` };
  const words = ['enroll', '--token-file', '-', '--state-dir', stateDir(), ...args];
  const child = spawn(process.execPath, [program, ...words], { env });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
  child.stdin.on('error', () => undefined);
  child.stdin.end(
    encodeJoinToken({ name: 'worker1', secret: 's', caFingerprint: authority.authority.fingerprint, servers: [gateway.address] }),
  );
  const [status] = (await once(child, 'close')) as unknown[];
  return { status, text };
}

describe('muster-agent enroll --start-services', () => {
  it('starts the agent and what the configuration says, once the certificate is there', async () => {
    const config = join(folder, 'agent.json');
    writeFileSync(config, '{"startAfterEnrolment": ["nginx.service"]}');
    const { status, text } = await enroll('--start-services', '--config', config);
    expect([status, text]).toEqual([0, expect.stringMatching(/^Enrolled worker1 .* Started: muster-agent\.service, nginx\.service\.\n$/u)]);
    expect(asked()).toEqual(['start --no-block -- muster-agent.service', 'start --no-block -- nginx.service']);
  });

  it('names each that was not started; the enrolment stands', async () => {
    const { status, text } = await enroll('--start-services', 'missing-a.service', 'nginx.service', 'missing-b.service');
    expect(status).toBe(1);
    expect(text).toContain(
      'missing-a.service: exit status 5: Unit missing-a.service not found; missing-b.service: exit status 5: Unit missing-b.service not found.',
    );
    expect(text).toContain('systemctl start missing-a.service missing-b.service');
    expect(asked()).toHaveLength(3);
    expect(await new IdentityStore(stateDir()).current()).toBeDefined();
  });

  it('neither enrols nor starts anything by a name that is no unit', async () => {
    expect(await enroll('--start-services', '$(id)')).toMatchObject({ status: 2 });
    expect([asked(), gateway.enrolments]).toEqual([[], []]);
  });

  it('refuses a machine that is enrolled, and says what to do', async () => {
    await enroll();
    const { status, text } = await enroll('--start-services', 'nginx.service');
    expect(status).toBe(1);
    expect(text).toMatch(/already enrolled as worker1.*systemctl start nginx\.service\..*muster node reissue worker1.*--force/u);
    expect([asked(), gateway.enrolments.length]).toEqual([[], 1]);
    expect(await enroll('--force', '--start-services', 'nginx.service')).toMatchObject({ status: 0 });
  });
});
