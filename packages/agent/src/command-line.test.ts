import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Facts } from '@muster/api';
import { encodeJoinToken } from '@muster/api/agent';
import { describe, expect, it } from 'vitest';
import { enrolledNode } from '../test/enrolled-node.ts';
import { makeFakeAuthority } from '../test/fake-authority.ts';
import { temporaryFolder } from '../test/temporary-folder.ts';
import { runCommandLine } from './command-line.ts';

async function call(...argv: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  let [stdout, stderr] = ['', ''];
  const status = await runCommandLine(argv, '/no/program', { stdout: (text) => (stdout += text), stderr: (text) => (stderr += text) });
  return { status, stdout, stderr };
}

const token = encodeJoinToken({ name: 'worker1', secret: 'very-secret', caFingerprint: 'ab'.repeat(32), servers: ['127.0.0.1:1'] });

describe('the command line', () => {
  it.each([['--help'], ['-h'], ['help'], ['run', '--help']])('explains itself: %s', async (...argv) => {
    const { status, stdout } = await call(...argv);
    expect([status, stdout.includes('Examples')]).toEqual([0, true]);
  });

  it('knows its version', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
    expect((await call('--version')).stdout).toBe(`${version}\n`);
  });

  it.each([
    [[], /Which command/u],
    [['dance'], /There is no command "dance"/u],
    [['constructor'], /There is no command/u],
    [['run', '--loud'], /run: Unknown option '--loud'/u],
    [['run', 'fast'], /run: Unexpected argument 'fast'/u],
    [['status', '-o', 'xml'], /-o knows json/u],
    [['enroll'], /needs either --token-file or --token/u],
    [['enroll', '--token', token, '--token-file', 'x'], /needs either/u],
    [['enroll', '--token', 'muster1.nonsense'], /not a join token, or it is damaged/u],
    [['enroll', '--token-file', '/no/such/file'], /Cannot read the token/u],
    [['make-csr'], /needs --state-dir and --node-name/u],
    [['status', '--config', '/no/such/file'], /Cannot read the configuration/u],
  ])('refuses %j on one line, with status 2', async (argv, message) => {
    const { status, stdout, stderr } = await call(...argv);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^muster-agent: [^\n]+\n$/u);
  });

  it('does not repeat the token in an error', async () => {
    const { status, stderr } = await call('enroll', '--token', token, '--state-dir', temporaryFolder());
    expect([status, stderr.includes('No server answers')]).toEqual([5, true]);
    expect(stderr).not.toMatch(/muster1\.|very-secret/u);
  });
});

describe('status', () => {
  it('of a machine that is not enrolled', async () => {
    const { status, stdout } = await call('status', '--state-dir', temporaryFolder());
    expect([status, stdout.includes('not enrolled')]).toEqual([0, true]);
  });

  it('of one that is', async () => {
    const { stateDir, identity } = await enrolledNode(await makeFakeAuthority(), ['192.0.2.1:7443']);
    const config = join(stateDir, 'config.json');
    writeFileSync(config, '{"watch":["ssh.service"]}');
    const args = ['status', '--state-dir', stateDir, '--config', config];
    expect(JSON.parse((await call(...args, '-o', 'json')).stdout)).toEqual({
      agentVersion: expect.any(String),
      enrolled: true,
      nodeId: identity.nodeId,
      nodeName: 'worker1',
      servers: ['192.0.2.1:7443'],
      certificate: {
        serial: identity.serial,
        notBefore: expect.any(String),
        notAfter: new Date(identity.notAfterMs).toISOString(),
        generation: 1,
      },
      watch: ['ssh.service'],
    });
    const { stdout } = await call(...args);
    expect(stdout).toContain(`worker1 (${identity.nodeId})`);
    expect(stdout).not.toContain('PRIVATE');
  });
});

it('prints facts that the server accepts', async () => {
  const { stdout } = await call('facts');
  expect(Facts.safeParse(JSON.parse(stdout)).success).toBe(true);
});

it('loads neither the schema library nor the X.509 library into an agent at rest', () => {
  const script = `
    import { registerHooks } from 'node:module';
    const loaded = [];
    registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
    await import(${JSON.stringify(new URL('commands/run-command.ts', import.meta.url).href)});
    console.log(loaded.filter((url) => /zod|peculiar|reflect-metadata|packages.trust.src.(?!pkcs12|der|pem|trust-error)/.test(url)).length, loaded.length > 30);`;
  expect(execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' })).toBe('0 true\n');
});
