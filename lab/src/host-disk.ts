import { randomUUID } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import type { LabCredentials } from './credentials.ts';
import { hostDir, hostRoot } from './host.ts';
import type { LabHost } from './host.ts';
import { keyUser, passwordUser } from './image-recipe.ts';
import type { LabImage } from './image.ts';
import { lxcConfig } from './lxc-config.ts';
import { labNetwork } from './network.ts';
import { requireCommand } from './run-command.ts';
import type { LabSettings } from './settings.ts';

interface DiskFile {
  path: string;
  text: string;
  /** Permission bits, 0644 when left out. */
  mode?: number;
  uid?: number;
  gid?: number;
}

/** Group that may read /etc/shadow; the same number on every Debian. */
const shadowGroup = 42;

function networkUnit(host: LabHost): string {
  const { hostInterface, prefixLength, prefixLength6, gateway, gateway6 } = labNetwork;
  return [
    '[Match]',
    `Name=${hostInterface}`,
    '[Network]',
    'IPv6AcceptRA=no',
    `Gateway=${gateway}`,
    `Gateway=${gateway6}`,
    '[Address]',
    `Address=${host.address}/${prefixLength}`,
    '[Address]',
    `Address=${host.address6}/${prefixLength6}`,
    // The lab hands each address out once; waiting for the check would cost every boot a second.
    'DuplicateAddressDetection=none',
    '',
  ].join('\n');
}

function shadowWithPassword(image: LabImage, credentials: LabCredentials): string {
  const lines = readFileSync(join(image.rootDir, '/etc/shadow'), 'utf8').split('\n');
  return lines
    .map((line) => (line.startsWith(`${passwordUser.name}:`) ? line.replace(/:[^:]*/, () => `:${credentials.sudoPasswordHash}`) : line))
    .join('\n');
}

function authorizedKeys(user: { name: string; uid: number }, credentials: LabCredentials): DiskFile {
  return { path: `/home/${user.name}/.ssh/authorized_keys`, text: credentials.publicKey, mode: 0o600, uid: user.uid, gid: user.uid };
}

/** What makes a host itself: name, machine id, addresses, who may log in. */
function ownFiles(host: LabHost, image: LabImage, credentials: LabCredentials): DiskFile[] {
  const { domain, gateway } = labNetwork;
  return [
    { path: '/etc/hostname', text: `${host.name}\n` },
    { path: '/etc/machine-id', text: `${randomUUID().replaceAll('-', '')}\n`, mode: 0o444 },
    {
      path: '/etc/hosts',
      text: `127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n${host.address} ${host.name}.${domain} ${host.name}\n`,
    },
    { path: '/etc/resolv.conf', text: `nameserver ${gateway}\nsearch ${domain}\n` },
    { path: `/etc/systemd/network/${labNetwork.hostInterface}.network`, text: networkUnit(host) },
    { path: '/etc/shadow', text: shadowWithPassword(image, credentials), mode: 0o640, gid: shadowGroup },
    authorizedKeys(keyUser, credentials),
    authorizedKeys(passwordUser, credentials),
  ];
}

/** A folder in the upper layer hides the image's attributes of the same folder: carry them over. */
function mirrorFolder(upper: string, image: LabImage, folder: string): void {
  const path = join(upper, folder);
  if (existsSync(path)) return;
  if (folder !== '/') mirrorFolder(upper, image, dirname(folder));
  const like = statSync(join(image.rootDir, folder));
  mkdirSync(path, { mode: like.mode & 0o7777 });
  chownSync(path, like.uid, like.gid);
}

function writeDiskFile(upper: string, image: LabImage, file: DiskFile): void {
  mirrorFolder(upper, image, dirname(file.path));
  const path = join(upper, file.path);
  writeFileSync(path, file.text, { mode: file.mode ?? 0o644 });
  chownSync(path, file.uid ?? 0, file.gid ?? 0);
}

async function makeHostKeys(upper: string, image: LabImage, host: LabHost): Promise<void> {
  mirrorFolder(upper, image, '/etc/ssh');
  for (const type of ['ed25519', 'ecdsa']) {
    const path = join(upper, `/etc/ssh/ssh_host_${type}_key`);
    await requireCommand(`making ${host.name}'s host key`, ['ssh-keygen', '-q', '-t', type, '-N', '', '-C', host.name, '-f', path]);
  }
}

/**
 * Makes a host's folder: an upper layer holding only what differs from the image, and LXC's
 * configuration, written last: a folder that has it is complete. Does nothing for a complete one;
 * makes a half-made one anew.
 */
export async function ensureHostDisk(settings: LabSettings, host: LabHost, image: LabImage, credentials: LabCredentials): Promise<void> {
  const folder = hostDir(settings, host);
  if (existsSync(join(folder, 'config'))) return;
  rmSync(folder, { recursive: true, force: true });
  const upper = join(folder, 'upper');
  for (const path of [folder, join(folder, 'work'), hostRoot(settings, host)]) mkdirSync(path, { recursive: true, mode: 0o755 });
  for (const file of ownFiles(host, image, credentials)) writeDiskFile(upper, image, file);
  await makeHostKeys(upper, image, host);
  writeFileSync(join(settings.stateDir, 'names', host.name), `${host.address} ${host.name}\n${host.address6} ${host.name}\n`);
  writeFileSync(join(folder, 'config'), lxcConfig(settings, host));
}

/** A host's public SSH keys, as its sshd will show them, without the comment. */
export function hostKeys(settings: LabSettings, host: LabHost): string[] {
  return ['ed25519', 'ecdsa'].map((type) => {
    const path = join(hostDir(settings, host), `upper/etc/ssh/ssh_host_${type}_key.pub`);
    return readFileSync(path, 'utf8').split(' ').slice(0, 2).join(' ').trim();
  });
}
