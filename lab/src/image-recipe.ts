import { createHash } from 'node:crypto';

/** A file the image gets, as it will stand on every host. */
export interface ImageFile {
  path: string;
  /** Permission bits. */
  mode: number;
  text: string;
}

/** Everything that decides what an image contains. Data only, so that its hash names the image. */
export interface ImageRecipe {
  suite: string;
  architecture: string;
  packages: readonly string[];
  files: readonly ImageFile[];
  /** Run inside the new root, in order, after the files are written. */
  commands: readonly (readonly string[])[];
  /** Removed at the end: what must differ from host to host. */
  removed: readonly string[];
}

/** The user that tests log in as: key, and sudo without a password. */
export const keyUser = { name: 'muster-lab', uid: 1000 } as const;

/** A second user with the same key whose sudo asks for the lab's password. */
export const passwordUser = { name: 'asks', uid: 1001 } as const;

const systemPackages = ['systemd', 'systemd-sysv', 'dbus', 'openssh-server', 'sudo', 'cron', 'procps', 'kmod'];
const toolPackages = ['iproute2', 'iputils-ping', 'nftables', 'curl', 'ca-certificates', 'openssl', 'python3-venv'];

const files: ImageFile[] = [
  { path: '/etc/sudoers.d/muster-lab', mode: 0o440, text: `${keyUser.name} ALL=(ALL) NOPASSWD: ALL\n` },
  // Hundreds of logins at once are a test, not an attack.
  { path: '/etc/ssh/sshd_config.d/lab.conf', mode: 0o644, text: 'UseDNS no\nMaxStartups 200:30:400\nMaxSessions 100\n' },
];

/**
 * binfmt cannot be mounted in a container (the host would read "degraded"), nothing waits for a
 * network that tests cut, and no timer fetches from package mirrors that are not there.
 */
const maskedUnits = [
  'systemd-binfmt.service',
  'proc-sys-fs-binfmt_misc.automount',
  'systemd-networkd-wait-online.service',
  'apt-daily.timer',
  'apt-daily-upgrade.timer',
  'e2scrub_all.timer',
  'fstrim.timer',
];

function addUser(user: { name: string; uid: number }, ...more: string[]): string[][] {
  return [
    ['useradd', '--create-home', '--user-group', '--uid', String(user.uid), '--shell', '/bin/bash', ...more, user.name],
    ['install', '--directory', '--mode=0700', `--owner=${user.name}`, `--group=${user.name}`, `/home/${user.name}/.ssh`],
  ];
}

const commands: string[][] = [
  ...addUser(keyUser),
  ...addUser(passwordUser, '--groups', 'sudo'),
  ['systemctl', 'mask', ...maskedUnits],
  ['systemctl', 'enable', 'systemd-networkd.service', 'ssh.service', 'cron.service'],
  ['systemctl', 'set-default', 'multi-user.target'],
  ['apt-get', 'clean'],
  ['find', '/var/lib/apt/lists', '/var/log', '-type', 'f', '-delete'],
];

/** Debian's name for a processor Node names `arch`. */
function debianArchitecture(arch: string): string {
  return arch === 'x64' ? 'amd64' : arch;
}

/** The recipe of the lab's hosts: Debian 12, small, with what a bare server has. */
export function labRecipe(): ImageRecipe {
  return {
    suite: 'bookworm',
    architecture: debianArchitecture(process.arch),
    packages: [...systemPackages, ...toolPackages],
    files,
    commands,
    // A minbase root carries its build machine's name, keys and machine id into every host.
    removed: ['/etc/hostname', '/etc/resolv.conf', '/var/lib/dbus/machine-id'],
  };
}

/** Name of the image a recipe makes: the same recipe, the same name, on every machine. */
export function recipeHash(recipe: ImageRecipe): string {
  return createHash('sha256').update(JSON.stringify(recipe)).digest('hex').slice(0, 16);
}
