import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { execFile } from 'node:child_process';
import type { OwnKey } from '@muster/ssh';
import { freePort } from './server-fixture.ts';

const run = promisify(execFile);

/** A real sshd on a port of 127.0.0.1 that lets a key in as whoever runs the tests. */
export type NodeSshd = { readonly port: number; readonly user: string; readonly hostKeys: string[]; stop(): Promise<void> };

/** Stands in for sudo: whoever logs in is what he is to become already. */
const sudo = `#!/bin/sh
[ "$*" = '-n -i' ] || exit 64
exec /bin/sh -i
`;

/** Starts one; the caller stops it. */
export async function startNodeSshd({ publicKey }: OwnKey): Promise<NodeSshd> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-node-sshd-'));
  const port = await freePort();
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'host')]);
  await writeFile(join(folder, 'authorized_keys'), `restrict,pty ${publicKey}\n`, { mode: 0o600 });
  await writeFile(join(folder, 'sudo'), sudo);
  await chmod(join(folder, 'sudo'), 0o755);
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true });
  await writeFile(join(folder, 'sshd_config'), configuration(folder, port));
  const child = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(folder, 'sshd_config')], { stdio: ['ignore', 'ignore', 'pipe'] });
  while (!((await once(child.stderr, 'data')) as [Buffer])[0].toString().includes('Server listening'));
  const [type = '', blob = ''] = (await readFile(join(folder, 'host.pub'), 'utf8')).split(' ');
  const stop = async () => {
    const ended = once(child, 'close');
    child.kill();
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  return { port, user: userInfo().username, hostKeys: [`${type} ${blob.trim()}`], stop };
}

const configuration = (folder: string, port: number): string =>
  [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${folder}/host`,
    `AuthorizedKeysFile ${folder}/authorized_keys`,
    ...['PidFile none', 'StrictModes no', 'UsePAM no', 'PermitRootLogin yes', 'PrintMotd no', 'PrintLastLog no'],
    `SetEnv PATH=${folder}:/usr/local/bin:/usr/bin:/bin HOME=${folder} PS1=node#`,
    '',
  ].join('\n');
