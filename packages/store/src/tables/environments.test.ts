import { withStore } from '@muster/testkit';
import { describe, expect, it } from 'vitest';
import { nodeCreate, sha256 } from '../../test/builders.ts';
import {
  ArtifactInUse,
  ArtifactNotFound,
  type DecidedEnvironment,
  EnvironmentChanged,
  EnvironmentExists,
  EnvironmentNotFound,
  type Store,
} from '../index.ts';

const file = (name: string) => ({ sha256: sha256(name), name, sizeBytes: 100 });

const decided = (name: string, change: Partial<DecidedEnvironment> = {}): DecidedEnvironment => ({
  definition: { kind: 'archive', sha256: sha256(name) },
  definitionSha256: sha256(`definition of ${name}`),
  recipe: { kind: 'archive' },
  artifacts: [sha256(name)],
  selector: null,
  description: '',
  ...change,
});

async function withFiles(...names: string[]): Promise<Store> {
  const { store } = await withStore();
  for (const name of names) await store.artifacts.add(file(name), 'ada');
  return store;
}

const events = async (store: Store) =>
  (await store.events.list({ limit: 100 })).filter(({ kind }) => kind === 'environment-changed').map(({ message }) => message);

describe('an environment', () => {
  it('is created, found by id and name, and told of', async () => {
    const store = await withFiles('a');
    const made = await store.environments.create('ml', decided('a', { description: 'for\u0000 models' }), 'ada');
    expect(made).toMatchObject({
      name: 'ml',
      version: 1,
      createdBy: 'ada',
      description: 'for\uFFFD models',
      artifacts: [file('a')],
      definition: { kind: 'archive' },
    });
    expect(await store.environments.get(made.id)).toEqual(made);
    expect(await store.environments.get('ml')).toEqual(made);
    expect(await store.environments.list()).toEqual([made]);
    expect(await events(store)).toEqual(['Environment ml was created by ada, version 1.']);
  });

  it('has its name alone, and only artifacts that are there; nothing is left of one that was refused', async () => {
    const store = await withFiles('a');
    await store.environments.create('ml', decided('a'), 'ada');
    await expect(store.environments.create('ml', decided('a'), 'ada')).rejects.toThrow(EnvironmentExists);
    await expect(store.environments.create('web', decided('missing'), 'ada')).rejects.toThrow(ArtifactNotFound);
    expect((await store.environments.list()).map(({ name }) => name)).toEqual(['ml']);
    await expect(store.environments.get('web')).rejects.toThrow(EnvironmentNotFound);
  });

  it('has another version with another definition, and none with the same', async () => {
    const store = await withFiles('a', 'b', 'c');
    await store.environments.create('ml', decided('a'), 'ada');
    expect(await store.environments.replace('ml', decided('a'), 'bob')).toMatchObject({ version: 1, updatedBy: 'ada' });
    expect(await store.environments.replace('ml', decided('a', { selector: 'gpu' }), 'bob')).toMatchObject({
      version: 1,
      selector: 'gpu',
      updatedBy: 'bob',
    });
    expect(await store.environments.replace('ml', decided('b', { version: 1 } as object), 'bob')).toMatchObject({
      version: 2,
      selector: null,
      artifacts: [file('b')],
    });
    await expect(store.environments.replace('ml', { ...decided('c'), version: 1 }, 'bob')).rejects.toThrow(EnvironmentChanged);
    expect((await store.environments.versions('ml')).map(({ version, createdBy }) => [version, createdBy])).toEqual([
      [2, 'bob'],
      [1, 'ada'],
    ]);
    expect(await events(store)).toHaveLength(3);
  });

  it('is changed by one at a time: of many, each gets a version of its own', async () => {
    const names = Array.from({ length: 8 }, (_, index) => `file${index}`);
    const store = await withFiles('a', ...names);
    await store.environments.create('ml', decided('a'), 'ada');
    const versions = await Promise.all(names.map((name) => store.environments.replace('ml', decided(name), 'ada')));
    expect(versions.map(({ version }) => version).toSorted((x, y) => x - y)).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('keeps its artifacts of the present version and the one before', async () => {
    const store = await withFiles('a', 'b', 'c');
    await store.environments.create('ml', decided('a'), 'ada');
    await store.environments.replace('ml', decided('b'), 'ada');
    await expect(store.artifacts.remove(sha256('a'))).rejects.toThrow(ArtifactInUse);
    await store.environments.replace('ml', decided('c'), 'ada');
    await store.artifacts.remove(sha256('a'));
    await expect(store.artifacts.remove(sha256('b'))).rejects.toThrow(/belongs to the present version or the one before of ml/u);
    expect((await store.artifacts.list({ limit: 10, offset: 0 })).items.map(({ name, usedBy }) => [name, usedBy])).toEqual([
      ['b', ['ml']],
      ['c', ['ml']],
    ]);
  });

  it('that was removed frees its name and its artifacts, and never uses a number twice', async () => {
    const store = await withFiles('a', 'b');
    const first = await store.environments.create('ml', decided('a'), 'ada');
    await store.environments.replace('ml', decided('b'), 'ada');
    await store.environments.remove('ml', true, 'bob');
    await expect(store.environments.get('ml')).rejects.toThrow(EnvironmentNotFound);
    await expect(store.environments.get(first.id)).rejects.toThrow(EnvironmentNotFound);
    await expect(store.environments.remove('ml', false, 'bob')).rejects.toThrow(EnvironmentNotFound);
    expect((await store.environmentWork.picture()).environments).toMatchObject([{ name: 'ml', version: 2, removed: true, force: true }]);
    await store.artifacts.remove(sha256('a'));
    expect(await store.environments.create('ml', decided('b'), 'ada')).toMatchObject({ id: first.id, version: 3 });
    expect((await store.environmentWork.picture()).environments).toMatchObject([{ version: 3, removed: false, force: false }]);
  });

  it('that only nodes know is taken in as a removed one, and an own one stays', async () => {
    const store = await withFiles('a');
    await store.environments.create('ml', decided('a'), 'ada');
    await store.environments.adoptRemoved('ml', 9, 'bob');
    await store.environments.adoptRemoved('old', 7, 'bob');
    await store.environments.adoptRemoved('old', 8, 'bob');
    expect((await store.environmentWork.picture()).environments).toMatchObject([
      { name: 'ml', version: 1, removed: false },
      { name: 'old', version: 7, removed: true },
    ]);
    expect(await store.environments.create('old', decided('a'), 'ada')).toMatchObject({ version: 8 });
  });
});

describe('an artifact', () => {
  it('is there once, under the name of the first', async () => {
    const store = await withFiles('a');
    expect(await store.artifacts.add({ ...file('a'), name: 'other' }, 'bob')).toMatchObject({ name: 'a', addedBy: 'ada', usedBy: [] });
    expect(await store.artifacts.known([sha256('a'), sha256('b')])).toEqual([file('a')]);
    await expect(store.artifacts.get(sha256('b'))).rejects.toThrow(ArtifactNotFound);
    await expect(store.artifacts.remove(sha256('b'))).rejects.toThrow(ArtifactNotFound);
  });

  it('is listed by name, in pages, with the number of all', async () => {
    const store = await withFiles('c', 'a', 'b');
    const page = await store.artifacts.list({ limit: 2, offset: 1 });
    expect([page.total, page.items.map(({ name }) => name)]).toEqual([3, ['b', 'c']]);
    expect(await store.artifacts.list({ limit: 2, offset: 9 })).toEqual({ items: [], total: 3 });
  });

  it('is not removed from under an environment that is made at the same time', async () => {
    const store = await withFiles('a');
    const [made, removed] = await Promise.allSettled([
      store.environments.create('ml', decided('a'), 'ada'),
      store.artifacts.remove(sha256('a')),
    ]);
    expect([made.status, removed.status].toSorted()).toEqual(['fulfilled', 'rejected']);
  });
});

describe('the packages of an environment', () => {
  const listing = (version: number, name = 'numpy') => ({
    version,
    packages: [{ name, version: '1', source: 'pip' }],
    truncated: false,
    lock: `${name}==1\n`,
  });

  it('are those of a node, or the newest of all; the same ones are kept once', async () => {
    const store = await withFiles('a');
    const { id } = await store.environments.create('ml', decided('a'), 'ada');
    const [n1, n2] = [await store.nodes.add(nodeCreate('n1')), await store.nodes.add(nodeCreate('n2'))];
    await store.environmentPackages.save(id, 1, n1.id, listing(1));
    await store.environmentPackages.save(id, 1, n2.id, listing(1, 'scipy'));
    expect(await store.environmentPackages.read(id, 1, n1.id)).toMatchObject({ nodeName: 'n1', listing: listing(1) });
    expect(await store.environmentPackages.read(id, 1)).toMatchObject({ nodeName: 'n2', listing: listing(1, 'scipy') });
    expect(await store.environmentPackages.read(id, 2)).toBeUndefined();
    await store.environmentPackages.save(id, 1, n2.id, listing(1));
    expect(await store.environmentPackages.read(id, 1)).toMatchObject({ nodeName: 'n2', listing: listing(1) });
  });

  it('of what was removed are passed over, and go with it', async () => {
    const store = await withFiles('a');
    const { id } = await store.environments.create('ml', decided('a'), 'ada');
    const { id: nodeId } = await store.nodes.add(nodeCreate('n1'));
    await store.environmentPackages.save(id, 1, nodeId, listing(1));
    await store.nodes.remove('n1');
    expect(await store.environmentPackages.read(id, 1)).toBeUndefined();
    await store.environmentPackages.save(id, 1, nodeId, listing(1));
    await store.environments.remove('ml', false, 'ada');
    await store.environmentPackages.save(id, 1, (await store.nodes.add(nodeCreate('n2'))).id, listing(1));
    expect(await store.environmentPackages.read(id, 1)).toBeUndefined();
  });
});
