import { type Command, InvalidArgumentError } from 'commander';
import { wholeNumber } from '../output/format.ts';

/** Options of every command that speaks SSH. */
export type SshOptions = {
  inventory: string[];
  forks: number;
  timeout: number;
  acceptNew?: boolean;
  hostKeyChecking: boolean;
  knownHosts?: string;
  user?: string;
  privateKey?: string;
  askBecomePass?: boolean;
};

/** Adds them, named as Ansible's users know them. */
export function addSshOptions(command: Command): Command {
  return command
    .requiredOption(
      '-i, --inventory <path>',
      'inventory file or folder; repeatable, a later one wins',
      (path: string, all: string[] | undefined) => [...(all ?? []), path],
    )
    .option('-f, --forks <n>', 'hosts at a time', wholeNumber(1, 1000), 50)
    .option('-T, --timeout <seconds>', 'time to log in', wholeNumber(1, 600), 20)
    .option('--accept-new', 'accept and remember the key of a host that is seen for the first time')
    .option('--host-key-checking <yes|no>', '"no": do not check host keys at all', yesOrNo, true)
    .option('--known-hosts <file>', 'file of known host keys (default: ~/.ssh/known_hosts)')
    .option('-u, --user <name>', 'user to log in as, where the inventory names none')
    .option('--private-key <file>', 'key to log in with, where the inventory names none')
    .option('-K, --ask-become-pass', 'ask for the sudo password, once for all hosts');
}

function yesOrNo(text: string): boolean {
  if (text === 'yes') return true;
  if (text === 'no') return false;
  throw new InvalidArgumentError('must be yes or no.');
}
