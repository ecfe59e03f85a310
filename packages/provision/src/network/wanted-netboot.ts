import { type ClusterHost, isNode } from '../host/cluster.ts';
import { listVariable, textVariable } from '../host/variables.ts';
import { ProvisionError } from '../provision-error.ts';
import { isOn, offers, serversOf } from './members.ts';
import { macsOf } from './wanted-network.ts';

/** What a machine is to boot when it comes by the network: its own disk, or a kernel of the folder of boot files. */
export type BootChoice =
  | { readonly kind: 'local' }
  | { readonly kind: 'kernel'; readonly kernel: string; readonly initrds: readonly string[]; readonly arguments: string };

/** A machine with a card that is known, and what it boots. */
export type BootNode = { readonly name: string; readonly macs: readonly string[]; readonly boot: BootChoice };

const refuse = (host: ClusterHost, variable: string, why: string): never => {
  throw new ProvisionError(`${host.name}: ${variable} ${why}.`);
};

/** Names of the folder, without a way out of it. */
const fileName = /^[\w][\w.+-]*$/u;
/** What iPXE takes as it stands: no quotes, no `;`, no `$` but that of `{server}`. */
const plainArguments = /^[\w ./:,=+@%~^*?!()[\]{}-]*$/u;

function fileVariable(host: ClusterHost, name: 'muster_boot_kernel' | 'muster_boot_initrd'): readonly string[] {
  const names = listVariable(host, name) ?? [];
  const odd = names.find((one) => !fileName.test(one));
  return odd === undefined ? names : refuse(host, name, `is "${odd}": write the name of a file in muster_boot_folder, such as vmlinuz`);
}

function kernelArguments(host: ClusterHost): string {
  const text = textVariable(host, 'muster_boot_args') ?? '';
  if (plainArguments.test(text)) return text;
  return refuse(host, 'muster_boot_args', 'has a character that iPXE would take for its own (a quote, $, ;, &, |, #, or a new line)');
}

/** What the inventory says a host boots. @throws ProvisionError for words that make no sense, or a kernel that is not named */
function bootOf(host: ClusterHost): BootChoice {
  const word = textVariable(host, 'muster_boot') ?? 'local';
  const [kernel, second] = fileVariable(host, 'muster_boot_kernel');
  const initrds = fileVariable(host, 'muster_boot_initrd');
  const args = kernelArguments(host);
  if (word === 'local') return { kind: 'local' };
  if (word !== 'kernel') return refuse(host, 'muster_boot', `is "${word}": write local or kernel`);
  if (kernel === undefined) return refuse(host, 'muster_boot', 'is kernel, and muster_boot_kernel names none');
  if (second !== undefined) return refuse(host, 'muster_boot_kernel', 'names several: a machine boots one');
  return { kind: 'kernel', kernel, initrds, arguments: args };
}

/** All machines with a known card, by name. @throws ProvisionError */
export const bootNodes = (hosts: readonly ClusterHost[]): BootNode[] =>
  hosts
    .filter(isNode)
    .map((host) => ({ name: host.name, macs: macsOf(host), boot: bootOf(host) }))
    .filter(({ macs }) => macs.length > 0)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));

/** The files of the folder that some machine boots, each once, in order. Pure. */
export const bootFiles = (nodes: readonly BootNode[]): string[] =>
  [...new Set(nodes.flatMap(({ boot }) => (boot.kind === 'kernel' ? [boot.kernel, ...boot.initrds] : [])))].toSorted();

/** The folder on this machine with kernels and initrds, as the inventory names it for a member. */
export const bootFolderOf = (host: ClusterHost): string | undefined => textVariable(host, 'muster_boot_folder');

/** That what the inventory says of booting goes together. @throws ProvisionError */
export function requireNetboot(hosts: readonly ClusterHost[]): void {
  const members = serversOf(hosts, 'netboot');
  for (const host of hosts) requireBoot(host, members.length > 0);
  const [first, ...others] = members;
  if (first === undefined) return;
  for (const member of members) {
    const lacking = (['dhcp', 'tftp'] as const).find((service) => !isOn(member, service));
    if (lacking !== undefined) refuse(member, 'muster_netboot', `is yes, which takes muster_${lacking}=yes too`);
    if (textVariable(member, 'muster_boot_file') !== undefined)
      refuse(member, 'muster_boot_file', 'is set, and muster_netboot=yes says itself what machines boot: take one of them out');
  }
  const silent = serversOf(hosts, 'dhcp').find((host) => !offers(host, 'netboot'));
  if (silent !== undefined) refuse(silent, 'muster_netboot', `is not yes as for ${first.name}: set it once, for all that give DHCP`);
  const other = others.find((host) => bootFolderOf(host) !== bootFolderOf(first));
  if (other !== undefined) refuse(other, 'muster_boot_folder', `is not that of ${first.name}: set it once, for the whole group`);
  const files = bootFiles(bootNodes(hosts));
  if (files.length > 0 && bootFolderOf(first) === undefined)
    refuse(first, 'muster_boot_folder', `is not set, and machines are to boot ${files.join(', ')} of it`);
}

function requireBoot(host: ClusterHost, isServed: boolean): void {
  isOn(host, 'netboot');
  if (bootOf(host).kind === 'local') return;
  if (!isServed) refuse(host, 'muster_boot', 'is kernel, and no management server has muster_netboot=yes');
  if (macsOf(host).length === 0) refuse(host, 'muster_boot', 'is kernel, and no card of it is known: set muster_mac');
}
