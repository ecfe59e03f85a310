import type { Command } from 'commander';
import { readText } from '../../client/read-text.ts';
import { serverClient, serverWay } from '../../client/server-client.ts';
import { type Format, formatOption, printOne } from '../../output/format.ts';
import { addRotateCommand } from './authority-rotate.ts';
import { describeAuthority } from './describe-authority.ts';

/** `muster authority ...`: the authority that signs all certificates, and its replacement. */
export function addAuthorityCommands(program: Command): void {
  const authority = program.command('authority').description('the certificate authority: show it, replace it');
  authority
    .command('status')
    .description('which authorities are trusted, how far a replacement is, and who is behind with what')
    .addOption(formatOption())
    .addHelpText(
      'after',
      '\nExamples:\n  muster authority status\n  muster authority status -o json\n\n"muster certificates -o wide" shows of which authority each certificate is.',
    )
    .action(async ({ output }: { output: Format }, command: Command) => {
      const status = await serverClient(command).getAuthority({});
      printOne(output, status, () =>
        output === 'name' ? status.trusted.map(({ fingerprint }) => `${fingerprint}\n`).join('') : describeAuthority(status),
      );
    });
  authority
    .command('certificate')
    .description('print the root of every authority that is trusted, as PEM, for programs that check certificates of nodes')
    .option('--chain', 'with their intermediates')
    .addHelpText(
      'after',
      '\nExamples:\n  muster authority certificate > muster-ca.pem\n  muster authority certificate --chain > muster-chain.pem',
    )
    .action(async ({ chain }: { chain?: boolean }, command: Command) => {
      process.stdout.write(await readText(await serverWay(command), chain === true ? '/ca/chain.pem' : '/ca/root.pem'));
    });
  addRotateCommand(authority);
}
