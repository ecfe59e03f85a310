import type { Command } from 'commander';
import { type Context, contextFile, contextNamed, readContexts, writeContexts } from '../../contexts/context-file.ts';
import { type Format, formatOption, printList } from '../../output/format.ts';
import { printable } from '../../output/printable.ts';
import type { Column } from '../../output/table.ts';

/** A context as it is shown: nothing of what signs in. */
type Shown = { readonly name: string; readonly current: boolean; readonly url: string; readonly as: string | null; readonly trust: string };

const columns: Column<Shown>[] = [
  { title: 'USE', cell: ({ current }) => (current ? '*' : '') },
  { title: 'NAME', cell: ({ name }) => printable(name) },
  { title: 'SERVER', cell: ({ url }) => printable(url) },
  { title: 'SIGNED IN AS', cell: ({ as }) => printable(as ?? '-') },
];
const wide: Column<Shown>[] = [{ title: 'TRUST', cell: ({ trust }) => trust }];

const shown = (name: string, current: string | null, { url, authorityPem, credential }: Context): Shown => ({
  name,
  current: name === current,
  url,
  as: credential?.name ?? null,
  trust: authorityPem === null ? (url.startsWith('http:') ? 'no TLS' : 'as this machine does') : 'accepted authority',
});

/** `muster context list|use|remove`: the servers one has signed in to. */
export function addContextCommands(program: Command): void {
  const context = program.command('context').description('the servers you have signed in to, and the one in use');
  context
    .command('list')
    .description('list them')
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  muster context list')
    .action(async ({ output }: { output: Format }) => {
      const { current, contexts } = await readContexts(contextFile(process.env));
      const rows = Object.entries(contexts).map(([name, one]) => shown(name, current, one));
      printList(output, rows, columns, wide, ({ name }) => name);
    });
  context
    .command('use')
    .argument('<name>', 'name of the context; "-" for the server on this machine')
    .description('speak to this server from now on')
    .addHelpText('after', '\nExamples:\n  muster context use lab\n  muster context use -')
    .action(async (name: string) => {
      const path = contextFile(process.env);
      const all = await readContexts(path);
      if (name !== '-') contextNamed(all, name);
      await writeContexts(path, { ...all, current: name === '-' ? null : name });
    });
  context
    .command('remove')
    .argument('<name>', 'name of the context')
    .description('forget a server: its address, its authority, and what you signed in with')
    .addHelpText('after', '\nExample:\n  muster context remove lab')
    .action(async (name: string) => {
      const path = contextFile(process.env);
      const all = await readContexts(path);
      contextNamed(all, name);
      const contexts = Object.fromEntries(Object.entries(all.contexts).filter(([one]) => one !== name));
      await writeContexts(path, { current: all.current === name ? null : all.current, contexts });
    });
}
