import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import { CliError } from '../cli-error.ts';

/** Name of the manifest and of the checksums inside a bundle; no artifact may be called so. */
export const bundleFiles = { manifest: 'muster-artifacts.json', sums: 'SHA256SUMS' } as const;

/** A path below the folder: no step up, nothing hidden, nothing that a program takes for an option. */
const nameSchema = z
  .string()
  .regex(/^[A-Za-z0-9_][\w.+@-]*(?:\/[A-Za-z0-9_][\w.+@-]*)*$/u, 'must be a file name, or a path of such, without ".."')
  .refine((name) => name !== bundleFiles.manifest && name !== bundleFiles.sums, 'is a name of the bundle itself');

const urlSchema = z
  .string()
  .regex(/^(?:https?|s3|oci|oci\+http):\/\/[^\s/]+\/\S+$/u, 'must begin with https://, http://, s3://BUCKET/, oci:// or oci+http://');

const artifactSchema = z.strictObject({
  name: nameSchema,
  sha256: z.string().regex(/^[0-9a-f]{64}$/u, 'must be 64 digits of 0-9 and a-f'),
  url: urlSchema.optional(),
  sizeBytes: z.int().nonnegative().optional(),
});

/** One file that a cluster is installed from: its path below the folder, its checksum, and where it comes from. */
export type ListedArtifact = z.infer<typeof artifactSchema>;

/** What a cluster is installed from. */
export type ArtifactManifest = { readonly artifacts: readonly ListedArtifact[] };

/**
 * Reads a manifest, YAML or JSON. @throws CliError that names the entry and what is wrong with it
 */
export function parseManifest(text: string, from: string): ArtifactManifest {
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    throw new CliError(
      `${from} is neither YAML nor JSON: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)}`,
    );
  }
  const read = z.strictObject({ artifacts: z.array(artifactSchema).min(1) }).safeParse(value);
  if (!read.success) {
    const [issue] = read.error.issues;
    throw new CliError(`${from}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}. See docs/artifacts.md for what a manifest is.`);
  }
  const names = read.data.artifacts.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new CliError(`${from} lists ${twice} twice. Leave one of them.`);
  const inside = names.find((name) => names.some((other) => other.startsWith(`${name}/`)));
  if (inside !== undefined) throw new CliError(`${from}: ${inside} is a file and also a folder of another artifact.`);
  return read.data;
}

/** Reads a manifest from a file. @throws CliError */
export async function readManifest(path: string): Promise<ArtifactManifest> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new CliError(`The manifest ${path} cannot be read: ${String(error)}`);
  });
  return parseManifest(text, path);
}
