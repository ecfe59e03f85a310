import { createHash } from 'node:crypto';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Client, ProblemError } from '@muster/api';
import { makeWheel } from '@muster/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openServerOnStore, type TestServer } from '../test/server-fixture.ts';

type Server = Awaited<ReturnType<typeof openServerOnStore>>;
let server: Server & TestServer;
let client: Client;
beforeAll(async () => {
  server = await openServerOnStore();
  client = server.local;
});
afterAll(() => server.close());

const failure = async (call: Promise<unknown>) => {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ProblemError)) throw new Error(`not a problem: ${String(error)}`);
  return error.problem;
};

let made = 0;
const uniqueBytes = (length = 100): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.alloc(length, `content ${(made += 1)} `));
const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const nameOf = (what: string): string => `${what}${(made += 1)}`;

async function upload(name: string, bytes: Uint8Array<ArrayBuffer> = uniqueBytes()): Promise<string> {
  const sha256 = hashOf(bytes);
  await client.beginArtifact({ body: { sha256, name, sizeBytes: bytes.length } });
  await client.uploadArtifact({ params: { sha256 }, query: { offset: 0 }, body: bytes });
  return sha256;
}

const folder = (): string => join(server.folder, 'data', 'artifacts');

describe('an upload', () => {
  it('goes piece by piece, and is an artifact once the whole is right', async () => {
    const bytes = uniqueBytes(1000);
    const sha256 = hashOf(bytes);
    const body = { sha256, name: 'ml.tar.gz', sizeBytes: 1000 };
    expect(await client.beginArtifact({ body })).toEqual({ sha256, receivedBytes: 0, complete: false });
    expect(await client.uploadArtifact({ params: { sha256 }, query: { offset: 0 }, body: bytes.slice(0, 400) })).toEqual({
      sha256,
      receivedBytes: 400,
      complete: false,
    });
    // Broken off here: whoever begins again learns how far it is.
    expect(await client.beginArtifact({ body })).toEqual({ sha256, receivedBytes: 400, complete: false });
    expect((await failure(client.getArtifact({ params: { sha256 } }))).code).toBe('not-found');
    expect(await client.uploadArtifact({ params: { sha256 }, query: { offset: 400 }, body: bytes.slice(400) })).toEqual({
      sha256,
      receivedBytes: 1000,
      complete: true,
    });
    expect(await client.getArtifact({ params: { sha256 } })).toMatchObject({
      name: 'ml.tar.gz',
      sizeBytes: 1000,
      usedBy: [],
      addedBy: 'local administrator',
    });
    expect(await client.beginArtifact({ body })).toEqual({ sha256, receivedBytes: 1000, complete: true });
  });

  it('out of step, too long, or never begun is told so, and nothing is lost', async () => {
    const bytes = uniqueBytes(100);
    const sha256 = hashOf(bytes);
    const send = (offset: number, body: Uint8Array<ArrayBuffer>) => client.uploadArtifact({ params: { sha256 }, query: { offset }, body });
    expect(await failure(send(0, bytes))).toMatchObject({ code: 'not-found', detail: expect.stringMatching(/No upload of .* was begun/u) });
    await client.beginArtifact({ body: { sha256, name: 'x.tar', sizeBytes: 100 } });
    await send(0, bytes.slice(0, 50));
    expect(await failure(send(0, bytes))).toMatchObject({
      code: 'upload-out-of-step',
      detail: expect.stringMatching(/begins at byte 0, and 50 are there/u),
    });
    expect(await failure(send(80, bytes.slice(80)))).toMatchObject({ code: 'upload-out-of-step' });
    expect(await failure(send(50, bytes))).toMatchObject({ code: 'invalid-request' });
    expect(await send(50, bytes.slice(50))).toMatchObject({ complete: true });
  });

  it('of other bytes than its hash says is deleted, and can begin again', async () => {
    const bytes = uniqueBytes(100);
    const sha256 = hashOf(bytes);
    await client.beginArtifact({ body: { sha256, name: 'x.tar', sizeBytes: 100 } });
    const wrong = client.uploadArtifact({ params: { sha256 }, query: { offset: 0 }, body: uniqueBytes(100) });
    expect(await failure(wrong)).toMatchObject({ status: 422, code: 'artifact-damaged', detail: expect.stringMatching(/was deleted/u) });
    expect(await client.beginArtifact({ body: { sha256, name: 'x.tar', sizeBytes: 100 } })).toMatchObject({ receivedBytes: 0 });
    expect(await client.uploadArtifact({ params: { sha256 }, query: { offset: 0 }, body: bytes })).toMatchObject({ complete: true });
  });

  it('by several at once mixes nothing', async () => {
    const bytes = uniqueBytes(500_000);
    const sha256 = hashOf(bytes);
    await client.beginArtifact({ body: { sha256, name: 'x.tar', sizeBytes: bytes.length } });
    const one = async () => {
      for (;;) {
        const { receivedBytes: offset, complete } = await client.beginArtifact({
          body: { sha256, name: 'x.tar', sizeBytes: bytes.length },
        });
        if (complete) return true;
        await client
          .uploadArtifact({ params: { sha256 }, query: { offset }, body: bytes.slice(offset, offset + 50_000) })
          .catch((error: unknown) => {
            if (!(error instanceof ProblemError) || error.problem.code !== 'upload-out-of-step') throw error;
          });
      }
    };
    expect(await Promise.all([one(), one(), one()])).toEqual([true, true, true]);
  });

  it.each([
    { sha256: 'x', name: 'a', sizeBytes: 1 },
    { sha256: 'a'.repeat(64), name: '../a', sizeBytes: 1 },
    { sha256: 'a'.repeat(64), name: 'a', sizeBytes: 0 },
    { sha256: 'a'.repeat(64), name: 'a', sizeBytes: 1.5 },
  ])('is not begun with %j', async (body) => expect((await failure(client.beginArtifact({ body }))).status).toBe(400));

  it('of bytes to a route that takes none, and of no bytes to one that takes them, is a clear refusal', async () => {
    const person = await server.signIn();
    const headers = { 'content-type': 'application/octet-stream' };
    expect((await person.ask('/api/v1/environments', { method: 'POST', headers, body: 'x' })).status).toBe(400);
    const json = { 'content-type': 'application/json' };
    expect((await person.ask(`/api/v1/artifacts/${'a'.repeat(64)}/content`, { method: 'PUT', headers: json, body: '{}' })).status).toBe(
      400,
    );
    expect(
      (await person.ask(`/api/v1/artifacts/${'a'.repeat(64)}/content`, { method: 'PUT', headers, body: Buffer.alloc(9_000_000) })).status,
    ).toBe(400);
  });

  it('that was only begun can be taken back, and a whole one leaves no file behind', async () => {
    const [begun, whole] = [hashOf(uniqueBytes()), await upload('gone.tar')];
    await client.beginArtifact({ body: { sha256: begun, name: 'x', sizeBytes: 5 } });
    await client.removeArtifact({ params: { sha256: begun } });
    await client.removeArtifact({ params: { sha256: whole } });
    expect(readdirSync(folder()).filter((name) => name.startsWith(begun) || name.startsWith(whole))).toEqual([]);
    expect((await failure(client.removeArtifact({ params: { sha256: whole } }))).code).toBe('not-found');
  });

  it('of a file that the database knows and this server lost brings it back', async () => {
    const bytes = uniqueBytes();
    const sha256 = await upload('lost.tar', bytes);
    rmSync(join(folder(), sha256));
    expect(await client.beginArtifact({ body: { sha256, name: 'lost.tar', sizeBytes: bytes.length } })).toMatchObject({ complete: false });
    expect(await client.uploadArtifact({ params: { sha256 }, query: { offset: 0 }, body: bytes })).toMatchObject({ complete: true });
  });

  it('that was whole when the server died before it could say so is an artifact with the next try', async () => {
    const bytes = uniqueBytes();
    const sha256 = hashOf(bytes);
    await client.beginArtifact({ body: { sha256, name: 'late.tar', sizeBytes: bytes.length } });
    writeFileSync(join(folder(), sha256), bytes);
    expect(await client.beginArtifact({ body: { sha256, name: 'late.tar', sizeBytes: bytes.length } })).toMatchObject({ complete: true });
    expect(await client.getArtifact({ params: { sha256 } })).toMatchObject({ name: 'late.tar' });
  });
});

describe('an environment', () => {
  const archive = async () => ({ kind: 'archive' as const, sha256: await upload('env.tar') });

  it('is created, read, put back unchanged, changed, cloned and removed', async () => {
    const name = nameOf('ml');
    const created = await client.createEnvironment({ body: { name, definition: await archive(), description: 'models' } });
    expect(created).toMatchObject({
      name,
      version: 1,
      kind: 'archive',
      selector: null,
      description: 'models',
      createdBy: 'local administrator',
    });
    const params = { environment: name };
    expect(await client.getEnvironment({ params })).toMatchObject({ ...created, counts: expect.anything() });
    const { counts: _, ...unchanged } = await client.replaceEnvironment({ params, body: await client.getEnvironment({ params }) });
    expect(created).toMatchObject(unchanged);
    const second = await client.replaceEnvironment({ params, body: { ...created, definition: await archive() } });
    expect(second).toMatchObject({ version: 2 });
    expect(await failure(client.replaceEnvironment({ params, body: { ...created, description: 'x' } }))).toMatchObject({
      code: 'revision-conflict',
    });
    expect((await client.listEnvironmentVersions({ params })).items.map(({ version }) => version)).toEqual([2, 1]);
    const copy = await client.cloneEnvironment({ params, body: { name: nameOf('copy') } });
    expect(copy).toMatchObject({
      version: 1,
      definition: second.definition,
      definitionSha256: second.definitionSha256,
      description: 'models',
    });
    const { items } = await client.listEnvironments({ query: { limit: 1000 } });
    expect(items.map((one) => one.name)).toEqual(expect.arrayContaining([name, copy.name]));
    expect(items[0]).not.toHaveProperty('definition');
    await client.removeEnvironment({ params });
    expect((await failure(client.getEnvironment({ params }))).code).toBe('not-found');
    expect((await failure(client.createEnvironment({ body: { name: copy.name, definition: second.definition } }))).code).toBe(
      'environment-exists',
    );
  });

  it('is exported as it was given, of any version', async () => {
    const name = nameOf('ml');
    const environmentYml = 'dependencies:\n  - zlib # a remark\n';
    await client.createEnvironment({ body: { name, definition: { kind: 'conda', environmentYml } } });
    const params = { environment: name };
    expect(await client.exportEnvironment({ params })).toEqual({
      fileName: `${name}.environment.yml`,
      mediaType: 'application/yaml',
      version: 1,
      content: environmentYml,
    });
    await client.replaceEnvironment({ params, body: { ...(await client.getEnvironment({ params })), definition: await archive() } });
    expect(await client.exportEnvironment({ params, query: { version: 1 } })).toMatchObject({ content: environmentYml });
    expect(await failure(client.exportEnvironment({ params, query: { version: 9 } }))).toMatchObject({
      code: 'not-found',
      detail: expect.stringMatching(/has no version 9\. It has 2, 1/u),
    });
    expect(await failure(client.exportEnvironment({ params, query: { format: 'lock' } }))).toMatchObject({
      code: 'not-found',
      detail: expect.stringMatching(/No node has listed/u),
    });
  });

  it('of wheels needs each of them in the store, and tells nodes of no others', async () => {
    const [hello, world] = [makeWheel('hello', `1.${(made += 1)}`, ''), makeWheel('world', `2.${(made += 1)}`, '')];
    const pin = ({ fileName, sha256 }: typeof hello) =>
      `${fileName.split('-').slice(0, 2).join('==')} --hash=sha256:${'0'.repeat(64)} --hash=sha256:${sha256}\n`;
    const definition = { kind: 'venv' as const, requirements: `# mine\n${pin(hello)}${pin(world)}` };
    await upload(hello.fileName, Uint8Array.from(hello.content));
    const refused = await failure(client.createEnvironment({ body: { name: nameOf('web'), definition } }));
    expect(refused).toMatchObject({
      status: 400,
      errors: [{ path: 'definition.requirements', message: expect.stringMatching(/^line 3: no wheel of world==2/u) }],
    });
    await upload(world.fileName, Uint8Array.from(world.content));
    const created = await client.createEnvironment({ body: { name: nameOf('web'), definition } });
    expect(created.artifacts.map(({ name }) => name).toSorted()).toEqual([hello.fileName, world.fileName].toSorted());
    expect((await server.store.environments.get(created.id)).recipe).toMatchObject({
      requirements: `${pin(hello)}${pin(world)}`.replaceAll(` --hash=sha256:${'0'.repeat(64)}`, ''),
      python: 'python3',
    });
    expect(await failure(client.removeArtifact({ params: { sha256: hello.sha256 } }))).toMatchObject({ code: 'artifact-in-use' });
  });

  it.each<[string, object, RegExp]>([
    ['an archive that is not in the store', { kind: 'archive', sha256: 'f'.repeat(64) }, /no artifact with this SHA-256/u],
    ['requirements that are not pinned', { kind: 'venv', requirements: 'numpy' }, /line 1: "numpy" is not pinned/u],
    ['requirements with another index', { kind: 'venv', requirements: '--index-url http://evil' }, /is an option/u],
    ['an interpreter that is a command', { kind: 'venv', requirements: 'x', python: 'sh -c id' }, /an interpreter is python3/u],
    ['an environment.yml that is none', { kind: 'conda', environmentYml: 'dependencies: []' }, /no list of "dependencies"/u],
    ['an unknown kind', { kind: 'docker' }, /kind/u],
  ])('of %s is refused with the reason', async (_what, definition, message) => {
    expect(await failure(client.createEnvironment({ body: { name: nameOf('x'), definition: definition as never } }))).toMatchObject({
      status: 400,
      detail: expect.stringMatching(message),
    });
  });

  it.each(['', 'A', '.x', 'x/y', '../x', 'x'.repeat(64), 'x\n'])('is not called %j', async (name) => {
    expect(
      (await failure(client.createEnvironment({ body: { name, definition: { kind: 'conda', environmentYml: 'dependencies: [a]' } } })))
        .status,
    ).toBe(400);
  });

  it('is for nodes that there are', async () => {
    const definition = await archive();
    const refused = await failure(client.createEnvironment({ body: { name: nameOf('ml'), definition, selector: 'no-such-group' } }));
    expect(refused).toMatchObject({ status: 400, errors: [{ path: 'selector', message: expect.stringMatching(/no-such-group/u) }] });
  });
});

describe('environments on nodes', () => {
  it('are shown, scheduled for a node, and brought level on demand', async () => {
    const [node, name] = [nameOf('n'), nameOf('e')];
    await client.addNode({ body: { name: node, groups: [`g-${node}`] } });
    await client.createEnvironment({
      body: { name, definition: { kind: 'archive', sha256: await upload('env.tar') }, selector: `g-${node}` },
    });
    const items = async () => (await client.listNodeEnvironments({ params: { node } })).items.filter((one) => one.environment === name);
    await expect
      .poll(items, { timeout: 10_000 })
      .toMatchObject([
        { wantedVersion: 1, observedVersion: null, sync: 'unknown', work: { state: 'new', message: `Waits for ${node} to connect.` } },
      ]);
    expect(await client.listEnvironmentNodes({ params: { environment: name }, query: { state: 'new' } })).toMatchObject({ total: 1 });
    expect((await client.listNodeSync({ query: { range: node } })).items).toMatchObject([
      { nodeName: node, sync: 'unknown', environments: 'on' },
    ]);
    expect(await failure(client.syncEnvironments({ body: { range: node } }))).toMatchObject({
      code: 'not-possible-now',
      detail: expect.stringMatching(/has not enrolled yet/u),
    });
    expect(await failure(client.syncEnvironments({ body: { range: 'nobody' } }))).toMatchObject({ code: 'invalid-request' });
    expect(await failure(client.refreshEnvironmentPackages({ params: { environment: name }, body: { node } }))).toMatchObject({
      code: 'not-possible-now',
    });
  });

  it('are not started as an operation of somebody', async () => {
    const spec = { kind: 'environment', action: 'create', environment: 'ml', version: 1 } as const;
    expect(await failure(client.startOperation({ body: { spec, range: 'all' } }))).toMatchObject({ code: 'invalid-request' });
  });
});
