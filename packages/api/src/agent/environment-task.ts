/* What the server asks of a node's environments, as plain types: see server-messages.ts for why there is no schema here. */

/** A file of the artifact store, as an agent fetches it: `GET /artifacts/<sha256>` at the agents' door. */
export type ArtifactReference = { readonly sha256: string; readonly name: string; readonly sizeBytes: number };

/** How a version is built. `venv` carries requirements that the server has read and written anew: nothing but pins and hashes. */
export type EnvironmentRecipe =
  | { readonly kind: 'archive' }
  | { readonly kind: 'venv'; readonly requirements: string; readonly python: string }
  | { readonly kind: 'conda'; readonly environmentYml: string };

/** Brings a version of an environment to the node and makes it the one in use. Idempotent. */
export type EnsureEnvironment = {
  readonly kind: 'environment';
  readonly action: 'ensure';
  readonly name: string;
  readonly version: number;
  readonly definitionSha256: string;
  readonly recipe: EnvironmentRecipe;
  readonly artifacts: readonly ArtifactReference[];
  /** Bytes that an archive may unpack to. */
  readonly maxUnpackedBytes: number;
};

/** Takes every version of an environment away. With `force` also from under processes that use it. Idempotent. */
export type RemoveEnvironment = {
  readonly kind: 'environment';
  readonly action: 'remove';
  readonly name: string;
  readonly force: boolean;
};

export type EnvironmentTask = EnsureEnvironment | RemoveEnvironment;

/** What `ensure` puts into its output, as JSON. */
export type PackageListing = {
  readonly version: number;
  readonly packages: readonly { readonly name: string; readonly version: string; readonly source: string }[];
  readonly truncated: boolean;
  /** A file that makes the same again: `@EXPLICIT` of conda where there is conda, else pins of pip. Empty where it would be too long. */
  readonly lock: string;
};
