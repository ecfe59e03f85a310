import type { Artifact, Client } from '@muster/api';
import type { Command } from 'commander';
import { CliError } from '../../cli-error.ts';
import { serverClient } from '../../client/server-client.ts';
import { type Format, formatOption, printList } from '../../output/format.ts';
import { printable } from '../../output/printable.ts';
import type { Column } from '../../output/table.ts';
import { bytes } from '../../output/units.ts';
import { uploadArtifact } from './upload-artifact.ts';
import { uploadProgress } from './upload-progress.ts';

const pageSize = 1000;

const columns: Column<Artifact>[] = [
  { title: 'NAME', cell: ({ name }) => printable(name) },
  { title: 'SIZE', alignRight: true, cell: ({ sizeBytes }) => bytes(sizeBytes) },
  { title: 'SHA-256', cell: ({ sha256 }) => sha256.slice(0, 16) },
  { title: 'USED BY', cell: ({ usedBy }) => usedBy.join(', ') || '-' },
];
const wide: Column<Artifact>[] = [
  { title: 'ADDED', cell: ({ addedAt }) => addedAt },
  { title: 'BY', cell: ({ addedBy }) => printable(addedBy) },
  { title: 'WHOLE SHA-256', cell: ({ sha256 }) => sha256 },
];

/** `muster artifact add|list|remove`. */
export function addArtifactCommands(program: Command): void {
  const artifact = program.command('artifact').description('files that environments are made of: wheels and archives');
  artifact
    .command('add')
    .argument('<file...>', 'files to upload')
    .description('upload files; run again, it goes on where it was broken off')
    .addHelpText('after', '\nExamples:\n  muster artifact add ml.tar.gz\n  muster artifact add wheels/*.whl')
    .action(async (files: string[], _options: object, command: Command) => {
      const client = serverClient(command);
      for (const file of files) {
        const { name, sha256, wasThere } = await uploadArtifact(client, file, uploadProgress(file));
        process.stdout.write(`${sha256}  ${name}${wasThere ? '  (was there)' : ''}\n`);
      }
    });
  artifact
    .command('list')
    .description('list the artifacts and the environments that are made of them')
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  muster artifact list -o wide')
    .action(async ({ output }: { output: Format }, command: Command) => {
      printList(output, await allArtifacts(serverClient(command)), columns, wide, ({ sha256 }) => sha256);
    });
  artifact
    .command('remove')
    .argument('<artifact...>', 'name, or the beginning of the SHA-256')
    .description('remove artifacts; refused while an environment is made of one')
    .addHelpText('after', '\nExample:\n  muster artifact remove ml.tar.gz')
    .action(async (wanted: string[], _options: object, command: Command) => {
      const client = serverClient(command);
      const all = await allArtifacts(client);
      // All are found before the first one goes.
      const found = wanted.map((one) => findArtifact(all, one));
      for (const { sha256, name } of found) {
        await client.removeArtifact({ params: { sha256 } });
        process.stdout.write(`${name} is removed.\n`);
      }
    });
}

async function allArtifacts(client: Client): Promise<Artifact[]> {
  const all: Artifact[] = [];
  for (;;) {
    const page = await client.listArtifacts({ query: { limit: pageSize, offset: all.length } });
    all.push(...page.items);
    if (page.items.length === 0 || all.length >= page.total) return all;
  }
}

const leastDigits = 8;

/** The one artifact that is meant. @throws CliError when it is none or more than one */
export function findArtifact(all: readonly Artifact[], wanted: string): Artifact {
  const byHash = wanted.length >= leastDigits ? all.filter(({ sha256 }) => sha256.startsWith(wanted)) : [];
  const found = byHash.length > 0 ? byHash : all.filter(({ name }) => name === wanted);
  const [first, second] = found;
  if (first === undefined) throw new CliError(`There is no artifact ${JSON.stringify(wanted)}. See "muster artifact list".`);
  if (second !== undefined)
    throw new CliError(
      `${JSON.stringify(wanted)} names ${found.length} artifacts. Give more of the SHA-256: see "muster artifact list -o wide".`,
    );
  return first;
}
