import type { RunStart } from '@muster/api';

type Choice = Omit<RunStart, 'inventory'>;

/** What is asked of a run, as options of `muster apply`. Nothing of it is secret, and none of it is read by a shell. Pure. */
export const choiceOptions = ({ limit, only, skip, skipCheck, dryRun }: Choice): string[] => [
  ...(dryRun ? ['--dry-run'] : []),
  // Written as one word: a range may begin with "-".
  ...(limit === undefined ? [] : [`--limit=${limit}`]),
  ...(only.length === 0 ? [] : ['--only', only.join(',')]),
  ...(skip.length === 0 ? [] : ['--skip', skip.join(',')]),
  ...(skipCheck.length === 0 ? [] : ['--skip-check', skipCheck.join(',')]),
];

/** The files of a run, in its folder. */
export const runFiles = { inventory: 'inventory.yml', key: 'key', knownHosts: 'known_hosts', sshConfig: 'ssh_config' } as const;

/** The arguments of the program that executes a run; its working folder is that of the run. Pure. */
export const runArguments = (choice: Choice): string[] => [
  'apply',
  '-i',
  runFiles.inventory,
  '-o',
  'json',
  '--no-keep',
  '--known-hosts',
  runFiles.knownHosts,
  '--ssh-config',
  runFiles.sshConfig,
  ...choiceOptions(choice),
];
