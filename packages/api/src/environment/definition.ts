import { z } from 'zod';
import { Sha256 } from './artifact.ts';

/** The name of an environment, which is that of its folder on every node. */
export const EnvironmentName = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/u, {
    error:
      'an environment is named with lower-case letters, digits, dots, hyphens and underscores, beginning and ending with a letter or digit',
  });
export type EnvironmentName = z.infer<typeof EnvironmentName>;

/**
 * How an environment is made. `archive`: a tar file of the artifact store, as conda-pack writes it or any other, unpacked as it is.
 * `venv`: pinned requirements with hashes; wheels come from the artifact store alone. `conda`: an environment.yml, for the node's own
 * micromamba, mamba or conda and the channels that are configured there.
 */
export const EnvironmentDefinition = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('archive'), sha256: Sha256 }),
  z.strictObject({
    kind: z.literal('venv'),
    /** A requirements.txt in which each line is pinned with `==` and carries `--hash=sha256:...`. */
    requirements: z.string().min(1).max(400_000),
    /** The interpreter on the node: a name in its PATH, or a whole path. */
    python: z
      .string()
      .max(200)
      .regex(/^(?:\/[A-Za-z0-9._+-]+)*\/?(?:python|pypy)[0-9.]*$/u, {
        error: 'an interpreter is python3, python3.11, or a whole path to one',
      })
      .default('python3'),
  }),
  z.strictObject({ kind: z.literal('conda'), environmentYml: z.string().min(1).max(256_000) }),
]);
export type EnvironmentDefinition = z.infer<typeof EnvironmentDefinition>;
export type EnvironmentKind = EnvironmentDefinition['kind'];
