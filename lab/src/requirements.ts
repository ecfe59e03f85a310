import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import { LabError } from './errors.ts';
import { runCommand } from './run-command.ts';

/** Programs the lab starts, with the Debian package each comes from. */
const programs: Readonly<Record<string, string>> = {
  debootstrap: 'debootstrap',
  'lxc-start': 'lxc',
  'lxc-attach': 'lxc',
  dnsmasq: 'dnsmasq-base',
  ip: 'iproute2',
  'ssh-keygen': 'openssh-client',
  openssl: 'openssl',
  nsenter: 'util-linux',
  unshare: 'util-linux',
  setpriv: 'util-linux',
  mount: 'mount',
};

function isInstalled(program: string): boolean {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function isDebian(): boolean {
  const text = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  return /^ID(_LIKE)?=.*\bdebian\b/m.test(text);
}

async function kernelProblems(): Promise<string[]> {
  const problems: string[] = [];
  await runCommand(['modprobe', 'overlay']).catch(() => undefined);
  if (!/\boverlay$/m.test(readFileSync('/proc/filesystems', 'utf8'))) problems.push('the kernel has no overlay file system');
  const attempt = await runCommand(['unshare', '--net', '--mount', '--pid', '--fork', 'ip', 'link', 'add', 'lab0', 'type', 'bridge']);
  if (attempt.code !== 0) problems.push(`namespaces or bridges are not allowed here: ${attempt.stderr.trim().split('\n').at(-1) ?? ''}`);
  if (!existsSync('/sys/fs/cgroup/cgroup.controllers') && !existsSync('/sys/fs/cgroup/systemd'))
    problems.push('no control groups under /sys/fs/cgroup');
  return problems;
}

/** Why no lab can run on this machine, each in a few words; empty when one can. */
export async function missingRequirements(): Promise<string[]> {
  if (process.platform !== 'linux') return ['not Linux'];
  if (process.getuid?.() !== 0) return ['not root'];
  if (!isDebian()) return ['not Debian'];
  const packages = new Set(Object.entries(programs).flatMap(([program, from]) => (isInstalled(program) ? [] : [from])));
  if (packages.size > 0) return [`packages missing: apt-get install --no-install-recommends ${[...packages].join(' ')}`];
  return kernelProblems();
}

/** Fails with kind "unavailable" when no lab can run here. */
export async function requireLabMachine(): Promise<void> {
  const missing = await missingRequirements();
  if (missing.length > 0) throw new LabError(`the lab cannot run here: ${missing.join('; ')}`, { kind: 'unavailable' });
}
