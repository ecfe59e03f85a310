import { type EnvironmentDefinition, type EnvironmentExport, type EnvironmentPackages, problem } from '@muster/api';
import type { Store, StoredListing } from '@muster/store';
import type { Call, Handlers } from '../http/handlers.ts';

/** What is in environments: as it was defined, and as nodes listed it. */
export function environmentContents({ store }: { readonly store: Store }): Pick<Handlers, 'exportEnvironment' | 'listEnvironmentPackages'> {
  return {
    exportEnvironment: (call) => exported(store, call),
    listEnvironmentPackages: async ({ params, query }): Promise<EnvironmentPackages> => {
      const { version, listed } = await listingOf(store, params.environment, query);
      const { packages, truncated } = listed.listing;
      return { version, nodeName: listed.nodeName, listedAt: listed.listedAt, items: [...packages], truncated };
    },
  };
}

type Which = { readonly node?: string | undefined; readonly version?: number | undefined };

async function listingOf(
  store: Store,
  idOrName: string,
  { node, version: given }: Which,
): Promise<{ name: string; version: number; listed: StoredListing }> {
  const { id, name, version: present } = await store.environments.get(idOrName);
  const version = given ?? present;
  const found = node === undefined ? undefined : await store.nodes.get(node);
  const listed = await store.environmentPackages.read(id, version, found?.id);
  if (listed !== undefined) return { name, version, listed };
  const where = found === undefined ? 'No node has' : `${found.name} has not`;
  throw problem(
    'not-found',
    `${where} listed the packages of version ${version} of ${name} yet. A node does so when it has built it; see muster env status ${name}.`,
  );
}

async function exported(store: Store, { params, query }: Call<'exportEnvironment'>): Promise<EnvironmentExport> {
  if (query.format === 'definition') return definitionFile(store, params.environment, query.version);
  const { name, version, listed } = await listingOf(store, params.environment, query);
  const { lock } = listed.listing;
  if (lock === '') throw problem('not-found', `Version ${version} of ${name} has no lock: the node found no packages in it, or too many.`);
  const isConda = lock.startsWith('@EXPLICIT');
  return {
    fileName: `${name}-${version}.${isConda ? 'conda-lock.txt' : 'requirements.txt'}`,
    mediaType: 'text/plain',
    version,
    content: lock,
  };
}

async function definitionFile(store: Store, idOrName: string, version: number | undefined): Promise<EnvironmentExport> {
  const { name, version: present } = await store.environments.get(idOrName);
  const versions = await store.environments.versions(idOrName);
  const found = versions.find((one) => one.version === (version ?? present));
  if (found === undefined)
    throw problem('not-found', `${name} has no version ${version ?? present}. It has ${versions.map((one) => one.version).join(', ')}.`);
  return { ...fileOf(name, found.definition), version: found.version };
}

/** In the form in which it can be given back: what was a file is that file again. */
function fileOf(name: string, definition: EnvironmentDefinition): Omit<EnvironmentExport, 'version'> {
  if (definition.kind === 'venv')
    return { fileName: `${name}.requirements.txt`, mediaType: 'text/plain', content: definition.requirements };
  if (definition.kind === 'conda')
    return { fileName: `${name}.environment.yml`, mediaType: 'application/yaml', content: definition.environmentYml };
  return { fileName: `${name}.archive.json`, mediaType: 'application/json', content: `${JSON.stringify(definition, undefined, 2)}\n` };
}
