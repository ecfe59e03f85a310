import { existsSync, readFileSync } from 'node:fs';
import type { loadConfig } from '@muster/server';
import { CliError } from '../../cli-error.ts';

type Sources = Parameters<typeof loadConfig>[0];

const usualPlaces = ['muster.yaml', '/etc/muster/muster.yaml'];

/** The configuration's file, named by option or variable or found at a usual place, and the environment. */
export function configurationSources(named: string | undefined, environment: NodeJS.ProcessEnv = process.env): Sources {
  const path = named ?? environment['MUSTER_CONFIG'] ?? usualPlaces.find((place) => existsSync(place));
  if (path === undefined) return { environment };
  try {
    return { file: { path, text: readFileSync(path, 'utf8') }, environment };
  } catch (cause) {
    throw new CliError(`The configuration ${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`, 1, {
      cause,
    });
  }
}
