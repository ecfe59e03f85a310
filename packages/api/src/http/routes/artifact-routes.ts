import { z } from 'zod';
import { Artifact, ArtifactCreate, ArtifactList, ArtifactUpload, maxUploadPieceBytes, Sha256 } from '../../environment/artifact.ts';
import { none, page, type Route } from '../route.ts';

const artifactParams = z.object({ sha256: Sha256 });

export const ArtifactQuery = z.strictObject({ ...page });
export type ArtifactQuery = z.input<typeof ArtifactQuery>;

/** Where a piece belongs in its file. */
export const UploadQuery = z.strictObject({ offset: z.coerce.number().int().min(0).default(0) });
export type UploadQuery = z.input<typeof UploadQuery>;

/** The files that environments are made of. */
export const artifactRoutes = {
  listArtifacts: {
    method: 'GET',
    path: '/artifacts',
    access: 'viewer',
    query: ArtifactQuery,
    response: ArtifactList,
    status: 200,
    summary: 'Artifacts by name',
  },
  getArtifact: {
    method: 'GET',
    path: '/artifacts/{sha256}',
    access: 'viewer',
    params: artifactParams,
    response: Artifact,
    status: 200,
    summary: 'One artifact',
  },
  beginArtifact: {
    method: 'POST',
    path: '/artifacts',
    access: 'operator',
    body: ArtifactCreate,
    response: ArtifactUpload,
    status: 201,
    summary: 'Begin an upload, or learn how far it is: it goes on from there',
  },
  uploadArtifact: {
    method: 'PUT',
    path: '/artifacts/{sha256}/content',
    access: 'operator',
    params: artifactParams,
    query: UploadQuery,
    body: z.instanceof(Uint8Array),
    bodyBytes: maxUploadPieceBytes,
    response: ArtifactUpload,
    status: 200,
    summary: 'Add a piece at the end of what is there; with the last one the whole is compared with its SHA-256',
  },
  removeArtifact: {
    method: 'DELETE',
    path: '/artifacts/{sha256}',
    access: 'administrator',
    params: artifactParams,
    response: none,
    status: 204,
    summary: 'Remove an artifact, or what there is of an upload; refused while an environment names it',
  },
} as const satisfies Record<string, Route>;
