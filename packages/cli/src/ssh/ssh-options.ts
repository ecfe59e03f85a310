import { type Transport, transports } from '@muster/ssh';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { wholeNumber } from '../output/format.ts';
import { addInventoryOptions, type InventoryOptions } from './inventory-options.ts';

/** Options of every command that speaks SSH to the hosts of an inventory. */
export type SshOptions = InventoryOptions & LoginOptions;

/** How to log in, where an inventory does not say it. */
export type LoginOptions = {
  forks: number;
  timeout?: number;
  acceptNew?: boolean;
  hostKeyChecking?: boolean;
  knownHosts?: string;
  sshConfig?: string;
  transport: Transport;
  user?: string;
  privateKey?: string;
  askBecomePass?: boolean;
};

/** Adds them, named as Ansible's users know them. */
export const addSshOptions = (command: Command): Command => addLoginOptions(addInventoryOptions(command));

/** Adds those that need no inventory. */
export function addLoginOptions(command: Command): Command {
  return command
    .option('-f, --forks <n>', 'hosts at a time', wholeNumber(1, 1000), 50)
    .option('-T, --timeout <seconds>', 'time to log in (default: ConnectTimeout of the SSH configuration, else 20)', wholeNumber(1, 600))
    .option('--accept-new', 'accept and remember the key of a host that is seen for the first time')
    .option('--host-key-checking <yes|no>', '"no": do not check host keys at all (default: as the SSH configuration says)', yesOrNo)
    .option('--known-hosts <file>', 'file of known host keys (default: ~/.ssh/known_hosts, or what the SSH configuration names)')
    .option('--ssh-config <file>', 'SSH configuration (default: ~/.ssh/config and /etc/ssh/ssh_config, as for ssh)')
    .addOption(
      new Option('--transport <name>', 'SSH client, where the inventory names none; auto: OpenSSH where the built-in one cannot')
        .choices(transports)
        .default('auto'),
    )
    .option('-u, --user <name>', 'user to log in as, where the inventory names none')
    .option('--private-key <file>', 'key to log in with, where the inventory names none')
    .option('-K, --ask-become-pass', 'ask for the sudo password, once for all hosts');
}

function yesOrNo(text: string): boolean {
  if (text === 'yes') return true;
  if (text === 'no') return false;
  throw new InvalidArgumentError('must be yes or no.');
}
