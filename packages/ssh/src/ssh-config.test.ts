import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { testFolder } from '../test/test-folder.ts';
import { SshConfig } from './ssh-config.ts';
import { readSshSettings } from './ssh-settings.ts';

const host = { name: 'node1', address: 'web1', port: 22 };

async function configOf(text: string): Promise<SshConfig> {
  const file = join(await testFolder(), 'config');
  await writeFile(file, text);
  return new SshConfig({ file });
}

describe('the settings of a host', () => {
  test('are what ssh makes of the file', async () => {
    const config = await configOf(`Host web1
  HostName 10.1.2.3
  Port 2222
  User deploy
  IdentityFile "~/my keys/%r@%h"
  IdentitiesOnly yes
  UserKnownHostsFile "/tmp/a b" ~/.ssh/%n
  GlobalKnownHostsFile none
  HostKeyAlias alias1
  StrictHostKeyChecking accept-new
  ConnectTimeout 7
  ServerAliveInterval 5
  ServerAliveCountMax 2
  ProxyJump joe@gate:2200,inner
  IdentityAgent /run/agent-%u
`);
    expect(await config.settingsOf(host, { address: 'web1' })).toMatchObject({
      address: '10.1.2.3',
      port: 2222,
      user: 'deploy',
      identityFiles: [`${homedir()}/my keys/deploy@10.1.2.3`],
      identitiesOnly: true,
      knownHostsFiles: ['/tmp/a b', `${homedir()}/.ssh/web1`],
      hostKeyAlias: 'alias1',
      strictHostKeyChecking: 'acceptNew',
      connectTimeoutSeconds: 7,
      keepaliveIntervalSeconds: 5,
      keepaliveCountMax: 2,
      proxyJump: ['joe@gate:2200', 'inner'],
      identityAgent: expect.stringMatching(/^\/run\/agent-\w+$/u),
    });
  });

  test('of a host nothing is said about are the defaults', async () => {
    const settings = await (await configOf('Host other\n  Port 99\n')).settingsOf(host, { address: 'web1' });
    expect(settings).toMatchObject({ address: 'web1', port: 22, identitiesOnly: false, strictHostKeyChecking: 'ask', proxyJump: [] });
    expect([settings?.identityFiles, settings?.proxyCommand, settings?.hostKeyAlias]).toEqual([undefined, undefined, undefined]);
  });

  test('follow the user that is said already, and arguments win over the file', async () => {
    const config = await configOf('Match user root\n  Port 1111\nMatch user joe\n  Port 2222\n');
    expect(await config.settingsOf(host, { address: 'web1', user: 'joe' })).toMatchObject({ port: 2222 });
    expect(await config.settingsOf(host, { address: 'web1', user: 'joe', words: ['-oPort=3333', '-J', 'gate'] })).toMatchObject({
      port: 3333,
      proxyJump: ['gate'],
    });
  });

  test.each([
    ['ssh/true', 'yes'],
    ['no', 'no'],
    ['off', 'no'],
    ['ask', 'ask'],
  ])('StrictHostKeyChecking %s', async (word, strictHostKeyChecking) => {
    const config = await configOf(`StrictHostKeyChecking ${word.replace('ssh/', '')}\n`);
    const settings = word.startsWith('ssh/') ? readSshSettings('stricthostkeychecking true', 'web1') : undefined;
    expect(settings ?? (await config.settingsOf(host, { address: 'web1' }))).toMatchObject({ strictHostKeyChecking });
  });

  test('read an agent from the environment', () => {
    vi.stubEnv('MY_AGENT', '/run/my-agent');
    const agentOf = (text: string) => readSshSettings(`identityagent ${text}`, 'web1').identityAgent;
    expect(['$MY_AGENT', '${MY_AGENT}', '$NOT_THERE', 'none', 'SSH_AUTH_SOCK'].map(agentOf)).toEqual([
      '/run/my-agent',
      '/run/my-agent',
      'none',
      'none',
      undefined,
    ]);
  });

  test('are asked for once, and an address that looks like an option is an address', async () => {
    const folder = await testFolder();
    const program = join(folder, 'ssh');
    await writeFile(program, `#!/bin/sh\necho "$*" >>${folder}/calls\necho "hostname x"\n`, { mode: 0o755 });
    const config = new SshConfig({ program });
    await Promise.all(Array.from({ length: 20 }, () => config.settingsOf(host, { address: '-oProxyCommand=id' })));
    expect(await readFile(join(folder, 'calls'), 'utf8')).toBe('-G -T -v -- -oProxyCommand=id\n');
  });
});

describe('hosts that the configuration does not tell apart', () => {
  /** An `ssh` that notes what it is asked, and is the real one otherwise. */
  async function counted(text: string): Promise<{ config: SshConfig; asked: () => Promise<number> }> {
    const folder = await testFolder();
    const [file, program, calls] = [join(folder, 'config'), join(folder, 'ssh'), join(folder, 'calls')];
    await writeFile(file, text);
    await writeFile(calls, '');
    await writeFile(program, `#!/bin/sh\necho "$*" >>${calls}\nexec ssh "$@"\n`, { mode: 0o755 });
    return { config: new SshConfig({ file, program }), asked: async () => (await readFile(calls, 'utf8')).trim().split('\n').length };
  }
  const names = ['web1', 'web2', 'web3', 'db1', 'db2', 'gate', 'inner'];

  test.each([
    { text: 'Host *\n  Port 99\n', times: 1 },
    { text: 'Match all\n  Port 99\nHost *\n  ControlPath ~/.ssh/%r@%h\n', times: 1 },
    { text: 'Host web* !web2\n  Port 99\nHost = db?\n  User joe\n', times: 4 },
    { text: 'Host gate\n  HostName 10.0.0.9\n  ProxyJump outer\n', times: 2 },
    { text: 'Host web*\n  HostName web1\n  Port 99\n', times: 3 },
    { text: 'Host web*\n  HostName %h.example.org\n', times: 7 },
    { text: 'Match host web*\n  Port 99\n', times: 7 },
    { text: 'CanonicalizeHostname yes\nCanonicalDomains invalid\n', times: 7 },
  ])('share one answer, which is what ssh says about each: $text', async ({ text, times }) => {
    const { config, asked } = await counted(text);
    const shared = await Promise.all(names.map((address) => config.settingsOf(host, { address })));
    expect(await asked()).toBe(times);
    const alone = await Promise.all(names.map(async (address) => (await configOf(text)).settingsOf(host, { address })));
    expect(shared).toEqual(alone);
  });

  test('also through Include, and only with the same arguments', async () => {
    const more = join(await testFolder(), 'more');
    await writeFile(more, 'Host web*\n  Port 77\n');
    const { config, asked } = await counted(`Include ${more}\n`);
    const ports = await Promise.all(names.map(async (address) => (await config.settingsOf(host, { address }))?.port));
    expect([ports, await asked()]).toEqual([[77, 77, 77, 22, 22, 22, 22], 2]);
    await config.settingsOf(host, { address: 'web2', words: ['-J', 'gate'] });
    expect(await asked()).toBe(3);
  });

  test.each([[['-q']], [['-oHostName=x']], [['-o', 'hostname x']], [['-oLogLevel=QUIET']], [['-oUserKnownHostsFile=~/%h']]])(
    'are asked about one by one with the arguments %j',
    async (words) => {
      const { config, asked } = await counted('Host web2\n  Port 5\n');
      await Promise.all(names.map((address) => config.settingsOf(host, { address, words })));
      expect(await asked()).toBe(names.length);
    },
  );
});

describe('what cannot be used', () => {
  test('a mistake in the file is named with its line', async () => {
    const config = await configOf('Host web1\n  Bad option\n');
    await expect(config.settingsOf(host, { address: 'web1' })).rejects.toMatchObject({
      kind: 'sshConfigUnusable',
      what: expect.stringMatching(/config: line 2: Bad configuration option: bad/u),
    });
  });

  test('a file that is not there', async () => {
    const opening = new SshConfig({ file: '/nonexistent/config' }).settingsOf(host, { address: 'web1' });
    await expect(opening).rejects.toMatchObject({ kind: 'sshConfigUnusable' });
  });

  test('without an OpenSSH client all goes on without, and only a file of the user is worth a word, once', async () => {
    const home = await testFolder();
    vi.stubEnv('HOME', home);
    const notices: string[] = [];
    const makeConfig = () => new SshConfig({ program: join(home, 'no-ssh'), onNotice: (text) => notices.push(text) });
    expect(await makeConfig().settingsOf(host, { address: 'web1' })).toBeUndefined();
    expect(notices).toEqual([]);
    await mkdir(join(home, '.ssh'));
    await writeFile(join(home, '.ssh', 'config'), 'Host *\n');
    const config = makeConfig();
    await config.settingsOf(host, { address: 'web2' });
    await config.settingsOf(host, { address: 'web3' });
    expect(notices).toEqual([expect.stringMatching(/config is not honoured, because there is no OpenSSH client/u)]);
  });

  test('without an OpenSSH client arguments for it are an error', async () => {
    const opening = new SshConfig({ program: '/nonexistent/ssh' }).settingsOf(host, { address: 'web1', words: ['-J', 'gate'] });
    await expect(opening).rejects.toMatchObject({ kind: 'sshConfigUnusable', what: expect.stringContaining('no OpenSSH client') });
  });
});
