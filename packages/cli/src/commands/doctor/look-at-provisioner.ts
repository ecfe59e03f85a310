import { execFile } from 'node:child_process';
import { access, constants, readdir, readFile, stat, statfs } from 'node:fs/promises';
import { cpus, homedir, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { ProvisionerFacts } from '@muster/provision';
import { findLayout } from '../../layout.ts';
import { readArtifacts } from '../../release-artifacts.ts';

const run = promisify(execFile);

/** Looks at this machine. Never throws: what cannot be told is left open. */
export async function lookAtProvisioner(): Promise<ProvisionerFacts> {
  const home = homedir();
  const keyFiles = await keysIn(join(home, '.ssh'));
  const { bavail, bsize } = await statfs(home).catch(() => ({ bavail: 0, bsize: 0 }));
  return {
    platform: process.platform,
    cores: cpus().length,
    memoryBytes: totalmem(),
    freeBytes: bavail * bsize,
    stateFolder: home,
    openFiles: await openFiles(),
    sshVersion: await sshVersion(),
    keyFiles,
    agentKeys: await agentKeys(),
    openKeyFiles: await whoseModeIsOpen(keyFiles),
    knownHostsWritable: await isKnownHostsWritable(join(home, '.ssh')),
    archives: archives(),
    clockSynchronized: await clockSynchronized(),
  };
}

async function keysIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => /^id_[a-z0-9_]+$/u.test(name)).map((name) => join(folder, name));
}

async function whoseModeIsOpen(files: readonly string[]): Promise<string[]> {
  const open = await Promise.all(
    files.map((file) =>
      stat(file).then(
        ({ mode }) => (mode & 0o077) !== 0,
        () => false,
      ),
    ),
  );
  return files.filter((_file, index) => open[index]);
}

/** Of this process, as the kernel tells it. */
async function openFiles(): Promise<number | undefined> {
  const limits = await readFile('/proc/self/limits', 'utf8').catch(() => '');
  const soft = /^Max open files\s+(\d+)/mu.exec(limits)?.[1];
  return soft === undefined ? undefined : Number(soft);
}

async function sshVersion(): Promise<string | undefined> {
  return run('ssh', ['-V']).then(
    ({ stderr }) => stderr.trim().split('\n')[0],
    () => undefined,
  );
}

async function agentKeys(): Promise<number> {
  if (process.env['SSH_AUTH_SOCK'] === undefined) return 0;
  return run('ssh-add', ['-l']).then(
    ({ stdout }) => stdout.trim().split('\n').length,
    () => 0,
  );
}

/** The file, or where there is none yet the folder it would be made in. */
async function isKnownHostsWritable(folder: string): Promise<boolean> {
  for (const path of [join(folder, 'known_hosts'), folder, dirname(folder)]) {
    const code = await access(path, constants.W_OK).then(
      () => 'writable',
      (error: NodeJS.ErrnoException) => error.code,
    );
    if (code !== 'ENOENT') return code === 'writable';
  }
  return false;
}

/** A checkout makes its archives when they are needed. */
function archives(): string[] | undefined {
  const layout = findLayout();
  if (layout.kind === 'checkout') return undefined;
  try {
    return Object.keys(readArtifacts(join(layout.root, 'dist')).agent);
  } catch {
    return [];
  }
}

async function clockSynchronized(): Promise<boolean | undefined> {
  const said = await run('timedatectl', ['show', '--property=NTPSynchronized', '--value']).catch(() => ({ stdout: '' }));
  return { yes: true, no: false }[said.stdout.trim()];
}
