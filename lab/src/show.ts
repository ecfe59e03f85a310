import { keyUser, passwordUser } from './image-recipe.ts';
import type { Lab } from './lab.ts';
import { defaultLabName } from './settings.ts';
import type { LabStatus } from './status.ts';

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** How to call the lab's command line for this lab. */
function command(name: string, rest: string): string {
  return `  ${name === defaultLabName ? '' : `MUSTER_LAB=${name} `}npm run lab -- ${rest}`;
}

/** What `up` tells: the hosts, the files, and how to go on. */
export function showLab(lab: Lab): string {
  const { name } = lab.settings;
  const login = `-i ${lab.privateKeyPath} -o UserKnownHostsFile=${lab.knownHostsPath}`;
  const rows = lab.hosts.map((host, at) => [host.name, host.address, host.address6, at === 0 ? 'driver' : 'worker']);
  return [
    table(rows),
    '',
    `inventory    ${lab.inventoryPath}`,
    `known hosts  ${lab.knownHostsPath}`,
    `ssh key      ${lab.privateKeyPath}   (user ${keyUser.name}; user ${passwordUser.name}, whose sudo asks: ${lab.sudoPasswordPath})`,
    '',
    'The hosts are in a network of their own; commands reach them through it:',
    command(name, `exec bin/muster ping -i ${lab.inventoryPath} --known-hosts ${lab.knownHostsPath}`),
    command(name, `exec ssh ${login} ${keyUser.name}@${lab.hosts[0]?.address ?? ''}`),
    command(name, 'down'),
  ].join('\n');
}

/** `status` for a person. */
export function showStatus(status: LabStatus): string {
  const head = `lab ${status.name}: ${status.state}`;
  if (status.state === 'down') return head;
  const rows = status.hosts.map((host) => [host.name, host.address, `power ${host.power}`, `network ${host.network}`]);
  const advice = status.state === 'broken' ? ['it was not taken down in order: npm run lab -- down, or up again'] : [];
  return [head, ...advice, `state    ${status.stateDir}`, `keeper   ${status.keeper ?? 'none'}`, table(rows)].join('\n');
}
