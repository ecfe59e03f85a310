import { type Grant, Role } from '@muster/api';
import { type Command, Option } from 'commander';
import { CliError } from '../../cli-error.ts';

export type GrantOptions = { role?: Grant['role']; group?: string[]; allGroups?: boolean; exec?: boolean };

const collect = (value: string, all: string[] | undefined) => [...(all ?? []), value];

/** The options by which somebody, or a key, is given something. */
export const addGrantOptions = (command: Command): Command =>
  command
    .addOption(new Option('--role <role>', 'what is allowed').choices(Role.options))
    .option('--group <name>', 'only the nodes of this group; repeatable', collect)
    .option('--all-groups', 'all nodes')
    .option('--exec', 'allow commands on nodes')
    .option('--no-exec', 'do not allow commands on nodes');

/** What the options say; what they do not say is left out. @throws CliError */
export function grantOf({ role, group, allGroups, exec }: GrantOptions): {
  role?: Grant['role'];
  groups?: string[] | null;
  mayExec?: boolean;
} {
  if (group !== undefined && allGroups === true) throw new CliError('Give --group or --all-groups, not both.', 2);
  return {
    ...(role === undefined ? {} : { role }),
    ...(allGroups === true ? { groups: null } : {}),
    ...(group === undefined ? {} : { groups: group }),
    ...(exec === undefined ? {} : { mayExec: exec }),
  };
}

export const groupsText = (groups: readonly string[] | null): string => (groups === null ? 'all nodes' : groups.join(', ') || 'none');
