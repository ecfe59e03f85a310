import { z } from 'zod';

/** SHA-256 of a file, hexadecimal: its name wherever it goes. */
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/u, { error: 'a SHA-256 is 64 lower-case hexadecimal digits' });
export type Sha256 = z.infer<typeof Sha256>;

/** The name of a file without any folder: it becomes one on every node. */
export const ArtifactName = z
  .string()
  .max(200)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._+!@-]*$/u, { error: 'the name of a file here has letters, digits and . _ + ! @ -, and no folder' });

/** Bytes of one piece of an upload at most. */
export const maxUploadPieceBytes = 8_388_608;

/** A file that environments are made of: a wheel, or an archive. What it holds never changes. */
export const Artifact = z.object({
  sha256: Sha256,
  name: z.string(),
  sizeBytes: z.number().int().nonnegative(),
  addedAt: z.iso.datetime(),
  addedBy: z.string(),
  /** Environments of which any version that is still kept names it; while there are some, it cannot be removed. */
  usedBy: z.array(z.string()),
});
export type Artifact = z.infer<typeof Artifact>;

export const ArtifactList = z.object({ items: z.array(Artifact), total: z.number().int().nonnegative() });
export type ArtifactList = z.infer<typeof ArtifactList>;

/** What an upload begins with. Asked again it is the way to learn how much is there. */
export const ArtifactCreate = z.strictObject({
  sha256: Sha256,
  name: ArtifactName,
  sizeBytes: z.number().int().min(1).max(1_125_899_906_842_624),
});
export type ArtifactCreate = z.infer<typeof ArtifactCreate>;

/** How far an upload is. Once all bytes are there and hash to its name, it is `complete`: an artifact. */
export const ArtifactUpload = z.object({
  sha256: Sha256,
  receivedBytes: z.number().int().nonnegative(),
  complete: z.boolean(),
});
export type ArtifactUpload = z.infer<typeof ArtifactUpload>;
