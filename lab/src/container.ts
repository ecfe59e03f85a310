import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { LabError } from './errors.ts';
import { hostDir, hostRoot, hostsDir } from './host.ts';
import type { LabHost } from './host.ts';
import type { LabImage } from './image.ts';
import { inLab } from './keeper.ts';
import { requireCommand, runCommand } from './run-command.ts';
import type { LabSettings } from './settings.ts';

/** The running lab a host belongs to. */
export interface Place {
  settings: LabSettings;
  /** Process number of the lab's keeper. */
  keeper: number;
}

function lxc(place: Place, program: string, host: LabHost, ...args: string[]): string[] {
  return inLab(place.keeper, [program, '-P', hostsDir(place.settings), '-n', host.name, ...args]);
}

async function mountDisk(place: Place, image: LabImage, host: LabHost): Promise<void> {
  const root = hostRoot(place.settings, host);
  const mounted = readFileSync(`/proc/${place.keeper}/mounts`, 'utf8').split('\n');
  if (mounted.some((line) => line.split(' ')[1] === root)) return;
  const folder = hostDir(place.settings, host);
  const layers = `lowerdir=${image.rootDir},upperdir=${join(folder, 'upper')},workdir=${join(folder, 'work')}`;
  const mount = inLab(place.keeper, ['mount', '-t', 'overlay', 'overlay', '-o', layers, root]);
  await requireCommand(`mounting the disk of ${host.name}`, mount, {
    advice: 'an overlay needs its folder on a plain disk, not on another overlay: set MUSTER_LAB_STATE',
  });
}

/** Is the host switched on? */
export async function isRunning(place: Place, host: LabHost): Promise<boolean> {
  return (await initProcess(place, host)) !== undefined;
}

/** Process number of the host's systemd inside the lab, undefined when it is off. A reboot changes it. */
async function initProcess(place: Place, host: LabHost): Promise<string | undefined> {
  const { code, stdout } = await runCommand(lxc(place, 'lxc-info', host, '-p', '-H'), { timeoutSeconds: 30 });
  const pid = stdout.trim();
  return code === 0 && /^[1-9]\d*$/.test(pid) ? pid : undefined;
}

/** Switches a host on; does nothing when it is on. Returns as soon as systemd runs, before sshd answers. */
export async function startContainer(place: Place, image: LabImage, host: LabHost): Promise<void> {
  if (await isRunning(place, host)) return;
  await mountDisk(place, image, host);
  const log = join(hostDir(place.settings, host), 'lxc.log');
  const { code } = await runCommand(lxc(place, 'lxc-start', host, '-d', '-o', log, '-l', 'ERROR'), { cwd: '/', timeoutSeconds: 60 });
  if (code === 0) return;
  const said = existsSync(log)
    ? readFileSync(log, 'utf8')
        .trim()
        .split('\n')
        .findLast((line) => !line.includes('Unsupported config key'))
    : undefined;
  throw new LabError(`${host.name} does not start: ${said?.replace(/^.* - (?=\S+ - )?/, '') ?? `status ${code}`}`, {
    advice: `see ${log}`,
  });
}

/** Switches a host off at once: no signal to its services, nothing flushed. Does nothing when it is off. */
export async function killContainer(place: Place, host: LabHost): Promise<void> {
  if (!(await isRunning(place, host))) return;
  await requireCommand(`killing ${host.name}`, lxc(place, 'lxc-stop', host, '-k'), { timeoutSeconds: 60 });
}

/** Asks a running host to reboot, as `systemctl reboot` would, and waits until its new systemd runs. */
export async function rebootContainer(place: Place, host: LabHost): Promise<void> {
  const before = await initProcess(place, host);
  if (before === undefined) throw new LabError(`${host.name} is off, it cannot reboot`, { advice: `npm run lab -- start ${host.name}` });
  await requireCommand(`rebooting ${host.name}`, lxc(place, 'lxc-stop', host, '-r', '--nowait'), { timeoutSeconds: 60 });
  const deadline = performance.now() + 120_000;
  while (performance.now() < deadline) {
    const now = await initProcess(place, host);
    if (now !== undefined && now !== before) return;
    await sleep(50);
  }
  throw new LabError(`${host.name} did not reboot within 120 s`, { advice: `npm run lab -- run ${host.name} -- systemctl list-jobs` });
}

/** The command that runs `argv` as root inside a host, without SSH and without its network. */
export function attachArgv(place: Place, host: LabHost, argv: readonly string[]): string[] {
  const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  return lxc(place, 'lxc-attach', host, '--clear-env', '-v', path, '-v', 'HOME=/root', '--', ...argv);
}
