import type { Session } from '@muster/api';
import type { Command } from 'commander';
import { serverClient, serverWay } from '../../client/server-client.ts';
import { placeOf } from '../../client/way.ts';
import { type Format, formatOption, printOne } from '../../output/format.ts';
import { printable } from '../../output/printable.ts';
import { groupsText } from './grant-options.ts';

/** `muster whoami`: who one is to the server, and what one may do. */
export function addWhoamiCommand(program: Command): void {
  program
    .command('whoami')
    .description('who you are to the server, and what you may do')
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  muster whoami')
    .action(async ({ output }: { output: Format }, command: Command) => {
      const session = await serverClient(command).getSession({});
      const server = placeOf(await serverWay(command));
      printOne(output, { server, ...session }, () => describe(server, session));
    });
}

function describe(server: string, { name, email, role, groups, mayExec, twoFactor, kind }: Session): string {
  const lines: [string, string][] = [
    ['Server', server],
    ['Name', name],
    ['E-mail', email ?? '-'],
    ['Role', role],
    ['Groups', groupsText(groups)],
    ['Exec', mayExec ? 'yes' : 'no'],
  ];
  if (kind === 'person') lines.push(['Two-factor', twoFactor ? 'on' : 'off']);
  return lines.map(([label, value]) => `${label.padEnd(12)}${printable(value)}\n`).join('');
}
