import { join } from 'node:path';

import { hostDir, hostRoot } from './host.ts';
import type { LabHost } from './host.ts';
import { bridgeName, hostPort, labNetwork } from './network.ts';
import type { LabSettings } from './settings.ts';

/** Character devices a host may use: null, zero, full, random, urandom, tty, console, ptmx, terminals, fuse, tun. */
const allowedDevices = ['1:3', '1:5', '1:7', '1:8', '1:9', '5:0', '5:1', '5:2', '136:*', '10:229', '10:200'];

function deviceRules(key: string): string[] {
  return [
    `${key}.deny = a`,
    ...['c *:* m', 'b *:* m', ...allowedDevices.map((numbers) => `c ${numbers} rwm`)].map((rule) => `${key}.allow = ${rule}`),
  ];
}

/**
 * LXC's configuration of one host (lxc.container.conf(5)): systemd as PID 1 with its own network,
 * names, processes and control groups; the machine's clock, modules and disks out of reach.
 */
export function lxcConfig(settings: LabSettings, host: LabHost): string {
  const folder = hostDir(settings, host);
  const lines = [
    `lxc.uts.name = ${host.name}`,
    `lxc.rootfs.path = dir:${hostRoot(settings, host)}`,
    'lxc.net.0.type = veth',
    `lxc.net.0.link = ${bridgeName(settings)}`,
    `lxc.net.0.veth.pair = ${hostPort(host.index)}`,
    `lxc.net.0.name = ${labNetwork.hostInterface}`,
    `lxc.net.0.hwaddr = ${hardwareAddress(host.index)}`,
    'lxc.net.0.flags = up',
    'lxc.mount.auto = proc:mixed sys:mixed cgroup:mixed',
    'lxc.autodev = 1',
    'lxc.pty.max = 1024',
    'lxc.tty.max = 0',
    'lxc.apparmor.profile = unconfined',
    'lxc.cap.drop = mac_admin mac_override sys_time sys_module sys_rawio',
    `lxc.cgroup.dir = ${controlGroupBase}/${settings.name}/${host.name}`,
    ...deviceRules('lxc.cgroup.devices'),
    ...deviceRules('lxc.cgroup2.devices'),
    // What systemd as PID 1 takes as "power off" and "reboot" (systemd(1), signals).
    'lxc.signal.halt = SIGRTMIN+4',
    'lxc.signal.reboot = SIGRTMIN+5',
    `lxc.console.logfile = ${join(folder, 'console.log')}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** Every control group of a lab is below a folder of this name. */
export const controlGroupBase = 'muster-lab';

/** A locally administered address, the same after every start, as a real card's would be. */
function hardwareAddress(index: number): string {
  return `02:77:00:00:00:${index.toString(16).padStart(2, '0')}`;
}
