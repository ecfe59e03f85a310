import type { ArtifactUpload } from '@muster/api';
import { ArtifactNotFound, type Store } from '@muster/store';
import type { ArtifactFiles } from '../artifacts/artifact-files.ts';
import type { Call, Handlers } from '../http/handlers.ts';

export type ArtifactHandlerParts = { readonly store: Store; readonly artifactFiles: ArtifactFiles };

type ArtifactRoutes = 'listArtifacts' | 'getArtifact' | 'beginArtifact' | 'uploadArtifact' | 'removeArtifact';

export function artifactHandlers(parts: ArtifactHandlerParts): Pick<Handlers, ArtifactRoutes> {
  const { store, artifactFiles } = parts;
  return {
    listArtifacts: ({ query }) => store.artifacts.list(query),
    getArtifact: ({ params }) => store.artifacts.get(params.sha256),
    beginArtifact: async ({ body, session }) => noted(parts, body, await artifactFiles.begin(body), session),
    uploadArtifact: async ({ params, query, body, session }) => {
      const announced = await artifactFiles.announced(params.sha256);
      return noted(parts, announced, await artifactFiles.append(announced, query.offset, body), session);
    },
    removeArtifact: async ({ params }) => {
      await remove(parts, params.sha256);
      return undefined;
    },
  };
}

/** A file that is whole is an artifact, also where the server died before it could say so. */
async function noted(
  { store }: ArtifactHandlerParts,
  announced: Call<'beginArtifact'>['body'],
  upload: ArtifactUpload,
  session: Call<'beginArtifact'>['session'],
): Promise<ArtifactUpload> {
  if (upload.complete) await store.artifacts.add({ ...announced, sizeBytes: upload.receivedBytes }, session?.name ?? 'unknown');
  return upload;
}

async function remove({ store, artifactFiles }: ArtifactHandlerParts, sha256: string): Promise<void> {
  try {
    // First what is known of it: a file that nobody knows can be removed again, one that is known and gone cannot be given.
    await store.artifacts.remove(sha256);
  } catch (error) {
    const isOnlyBegun = error instanceof ArtifactNotFound && (await artifactFiles.announced(sha256).catch(() => undefined)) !== undefined;
    if (!isOnlyBegun) throw error;
  }
  await artifactFiles.remove(sha256);
}
