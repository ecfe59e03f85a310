import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client, EnvironmentDefinition } from '@muster/api';
import { readRequirements } from '@muster/core';
import { Option, type Command } from 'commander';
import { CliError } from '../../cli-error.ts';
import { describeFile, uploadArtifact } from './upload-artifact.ts';
import { uploadProgress } from './upload-progress.ts';

export type DefinitionOptions = { archive?: string; requirements?: string; wheels?: string; python?: string; conda?: string };

/** The options that say what an environment is made of. */
export function addDefinitionOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--archive <file>', 'a tar file as conda-pack or tar makes it; uploaded where it is not there yet').conflicts([
        'requirements',
        'conda',
      ]),
    )
    .addOption(
      new Option('--requirements <file>', 'a requirements.txt, pinned and with hashes: a virtual environment').conflicts([
        'archive',
        'conda',
      ]),
    )
    .option('--wheels <folder>', 'with --requirements: upload the wheels of it that are in this folder')
    .option('--python <program>', 'with --requirements: the interpreter on the nodes (default: python3)')
    .addOption(new Option('--conda <file>', 'an environment.yml, for the conda of the nodes').conflicts(['archive', 'requirements']));
}

/** The definition that the options ask for, its files uploaded; undefined where they ask for none. @throws CliError */
export async function readDefinitionOptions(client: Client, options: DefinitionOptions): Promise<EnvironmentDefinition | undefined> {
  const { archive, requirements, wheels, python, conda } = options;
  if (requirements === undefined && (wheels !== undefined || python !== undefined))
    throw new CliError('--wheels and --python belong to --requirements.', 2);
  if (archive !== undefined) {
    const { sha256 } = await uploadArtifact(client, archive, uploadProgress(archive));
    return { kind: 'archive', sha256 };
  }
  if (conda !== undefined) return { kind: 'conda', environmentYml: await textOf(conda) };
  if (requirements === undefined) return undefined;
  const text = await textOf(requirements);
  if (wheels !== undefined) await uploadWheels(client, text, wheels);
  return { kind: 'venv', requirements: text, python: python ?? 'python3' };
}

/** The same, where there has to be one. @throws CliError */
export async function requireDefinition(client: Client, options: DefinitionOptions): Promise<EnvironmentDefinition> {
  const definition = await readDefinitionOptions(client, options);
  if (definition === undefined) throw new CliError('What is it made of? Say --archive FILE, --requirements FILE or --conda FILE.', 2);
  return definition;
}

/** Of a folder of wheels those that the requirements name by their hash. */
async function uploadWheels(client: Client, text: string, folder: string): Promise<void> {
  const hashes = new Set(readRequirements(text).requirements.flatMap((one) => one.hashes));
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new CliError(`${folder} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`, 1, { cause });
  });
  for (const name of names.filter((one) => one.endsWith('.whl')).toSorted()) {
    const path = join(folder, name);
    if (hashes.has((await describeFile(path)).sha256)) await uploadArtifact(client, path, uploadProgress(name));
  }
}

const textOf = (path: string): Promise<string> =>
  readFile(path, 'utf8').catch((cause: unknown) => {
    throw new CliError(`${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`, 1, { cause });
  });
