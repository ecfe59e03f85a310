import { z } from 'zod';
import { NodeRange } from '../operation/operation.ts';
import { Sha256 } from './artifact.ts';
import { EnvironmentDefinition, EnvironmentName } from './definition.ts';

/** How an environment fares on all its nodes together. A node counts once under `sync`, and once under `work` where something was scheduled. */
export const EnvironmentCounts = z.object({
  /** Nodes that are to have it. */
  nodes: z.number().int().nonnegative(),
  sync: z.object({
    inSync: z.number().int().nonnegative(),
    outOfSync: z.number().int().nonnegative(),
    off: z.number().int().nonnegative(),
    unknown: z.number().int().nonnegative(),
  }),
  work: z.object({
    new: z.number().int().nonnegative(),
    ongoing: z.number().int().nonnegative(),
    success: z.number().int().nonnegative(),
    failed: z.number().int().nonnegative(),
  }),
});
export type EnvironmentCounts = z.infer<typeof EnvironmentCounts>;

/** What a person decides about an environment. */
const decided = {
  /** A node range (see docs/ranges.md) of the nodes that have it, read anew whenever nodes change; null for all nodes. */
  selector: NodeRange.nullable(),
  description: z.string().max(4000),
};

/** What the server knows of an environment. Ignored when it comes back in a PUT. */
const observed = {
  id: z.uuid(),
  name: z.string(),
  kind: z.enum(['archive', 'venv', 'conda']),
  /** SHA-256 of the definition: nodes report it of what they have. */
  definitionSha256: Sha256,
  /** Files of the artifact store that this version is made of. */
  artifacts: z.array(z.object({ sha256: Sha256, name: z.string(), sizeBytes: z.number().int().nonnegative() })),
  /** Why the selector cannot be read now (a node or group that is gone): until that is mended nothing is done on any node. */
  selectorProblem: z.string().nullable(),
  counts: EnvironmentCounts,
  createdAt: z.iso.datetime(),
  createdBy: z.string(),
  updatedAt: z.iso.datetime(),
  updatedBy: z.string(),
};

/** The version of the definition; it grows with each other definition and is never used twice. */
const version = z.number().int().positive();

/** An environment as a list shows it: without the definition, which may be long. */
export const EnvironmentSummary = z.object({ ...observed, ...decided, version }).omit({ artifacts: true });
export type EnvironmentSummary = z.infer<typeof EnvironmentSummary>;

/** One environment. What GET gives, PUT takes back unchanged. */
export const Environment = z.object({ ...observed, ...decided, version, definition: EnvironmentDefinition });
export type Environment = z.infer<typeof Environment>;

export const EnvironmentList = z.object({ items: z.array(EnvironmentSummary), total: z.number().int().nonnegative() });
export type EnvironmentList = z.infer<typeof EnvironmentList>;

export const EnvironmentCreate = z.strictObject({
  name: EnvironmentName,
  definition: EnvironmentDefinition,
  selector: decided.selector.default(null),
  description: decided.description.default(''),
});
export type EnvironmentCreate = z.input<typeof EnvironmentCreate>;

/** A full replacement: another definition makes a new version. `version` guards against lost updates. */
export const EnvironmentReplace = z.strictObject({
  ...decided,
  definition: EnvironmentDefinition,
  version: version.optional(),
  ...z.object(observed).partial().shape,
});
export type EnvironmentReplace = z.input<typeof EnvironmentReplace>;

export const EnvironmentClone = z.strictObject({
  name: EnvironmentName,
  selector: decided.selector.optional(),
  description: decided.description.optional(),
});
export type EnvironmentClone = z.input<typeof EnvironmentClone>;

/** An earlier or the present version, newest first. */
export const EnvironmentVersion = z.object({
  version,
  definition: EnvironmentDefinition,
  definitionSha256: Sha256,
  createdAt: z.iso.datetime(),
  createdBy: z.string(),
});
export type EnvironmentVersion = z.infer<typeof EnvironmentVersion>;

/** A file to keep: the definition as it was given, or the lock: exactly what a node installed. */
export const EnvironmentExport = z.object({ fileName: z.string(), mediaType: z.string(), version, content: z.string() });
export type EnvironmentExport = z.infer<typeof EnvironmentExport>;

/** One package in an environment, as the node's own tools list it. The node's text: to be shown. */
export const EnvironmentPackage = z.object({
  name: z.string().max(200),
  version: z.string().max(200),
  /** Build and channel, or where else it came from; empty where the tool does not say. */
  source: z.string().max(300),
});
export type EnvironmentPackage = z.infer<typeof EnvironmentPackage>;

export const EnvironmentPackages = z.object({
  version,
  /** The node that listed them. */
  nodeName: z.string(),
  listedAt: z.iso.datetime(),
  items: z.array(EnvironmentPackage),
  /** Whether there are more than a node reports. */
  truncated: z.boolean(),
});
export type EnvironmentPackages = z.infer<typeof EnvironmentPackages>;
