import type { Client } from '@muster/api';
import type { Command } from 'commander';
import { serverClient } from '../../client/server-client.ts';
import { GivenRange } from '../../range/given-range.ts';
import { requireYes } from '../../ssh/require-yes.ts';

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu;

/** `muster node remove`: one node without a question, more only with a yes. */
export function addRemoveCommand(node: Command): void {
  node
    .command('remove')
    .argument('<range>', 'nodes; or the id of one')
    .description('remove nodes: their certificates are revoked, their connections closed, their history is kept')
    .option('--yes', 'do not ask before several are removed')
    .addHelpText('after', '\nExamples:\n  muster node remove web1\n  muster node remove node[07-12] --yes')
    .action(async (asked: string, { yes = false }: { yes?: boolean }, command: Command) => {
      const client = serverClient(command);
      if (uuid.test(asked)) {
        await client.removeNode({ params: { node: asked } });
        return void process.stdout.write(removed(asked, 1));
      }
      await removeRange(client, asked, yes);
    });
}

async function removeRange(client: Client, asked: string, yes: boolean): Promise<void> {
  const { names, range } = await new GivenRange(asked).ask((text) => client.expandRange({ body: { range: text } }));
  if (names.length > 1 && !yes) await requireYes(`Remove these ${names.length} nodes: ${range}?`, 'Nothing was removed.');
  // What was asked about is removed, also when the range names more by now.
  const result = await client.actOnNodes({ body: { action: 'remove', range } });
  process.stdout.write(removed(result.range, result.count));
}

const removed = (range: string, count: number): string =>
  `${range} ${count === 1 ? 'is removed and its certificates are revoked' : 'are removed and their certificates are revoked'}.\n`;
