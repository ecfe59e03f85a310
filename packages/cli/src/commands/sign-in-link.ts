import type { Command } from 'commander';
import { localClient } from '../client/local-client.ts';
import { type Format, formatOption, printOne } from '../output/format.ts';

/** `muster sign-in-link`: the way into the panel for whoever administers the server's machine. */
export function addSignInLinkCommand(program: Command): void {
  program
    .command('sign-in-link')
    .description('make a one-time link that signs in to the panel (only on the server itself)')
    .option('--email <address>', 'account to sign in as', 'admin@muster.local')
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  sudo muster sign-in-link')
    .action(async ({ email, output }: { email: string; output: Format }, command: Command) => {
      const link = await localClient(command).makeSignInLink({ body: { email } });
      printOne(output, link, () => `${link.url}\nValid once, until ${link.expiresAt}.\n`);
    });
}
