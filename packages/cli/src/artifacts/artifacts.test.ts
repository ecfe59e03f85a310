import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileServer } from '../../test/file-server.ts';
import { bundle } from './bundle.ts';
import { load } from './load.ts';
import { s3Address } from './locate.ts';
import { parseManifest } from './manifest.ts';
import { pull, type PullOptions } from './pull.ts';
import { runTar } from './run-tar.ts';

const content = randomBytes(300_000);
const sha256 = createHash('sha256').update(content).digest('hex');

let folder: string;
let server: FileServer;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'muster-artifacts-'));
  server = await FileServer.start();
  server.files.set('/images.tar', content);
});
afterEach(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

const path = (name: string): string => join(folder, name);
const listed = (url: string, name = 'k3s/images.tar') => ({ artifacts: [{ name, url, sha256 }] });
const pulled = async (manifest: Parameters<typeof pull>[0], more: Partial<PullOptions> = {}) =>
  await pull(manifest, { folder, environment: {}, atOnce: 2, signal: new AbortController().signal, pauseMs: 1, ...more });

describe('a pull', () => {
  it('puts a file in its place, and keeps it the next time', async () => {
    expect(await pulled(listed(server.url('/images.tar')))).toMatchObject([{ status: 'pulled', receivedBytes: content.length }]);
    expect(readFileSync(path('k3s/images.tar')).equals(content)).toBe(true);
    const asked = server.asked.length;
    expect(await pulled(listed(server.url('/images.tar')))).toMatchObject([{ status: 'kept', receivedBytes: 0 }]);
    expect(server.asked.length).toBe(asked);
  });

  it('goes on after connections that are cut, from where each ended', async () => {
    server.cutAfterBytes = [100_000, 50_000];
    expect(await pulled(listed(server.url('/images.tar')))).toMatchObject([{ status: 'pulled', receivedBytes: content.length }]);
    expect(server.asked).toHaveLength(3);
    expect(server.asked.at(-1)?.range).toMatch(/^bytes=\d+-$/u);
  });

  it('goes on with what an earlier call has left', async () => {
    mkdirSync(path('k3s'));
    writeFileSync(path('k3s/images.tar.partial'), content.subarray(0, 200_000));
    expect(await pulled(listed(server.url('/images.tar')))).toMatchObject([{ status: 'pulled', receivedBytes: 100_000 }]);
  });

  it('begins anew where the beginning was of another file', async () => {
    mkdirSync(path('k3s'));
    writeFileSync(path('k3s/images.tar.partial'), randomBytes(200_000));
    expect(await pulled(listed(server.url('/images.tar')))).toMatchObject([{ status: 'pulled', receivedBytes: 400_000 }]);
  });

  it('begins anew where what was left is longer than the file', async () => {
    mkdirSync(path('k3s'));
    writeFileSync(path('k3s/images.tar.partial'), randomBytes(400_000));
    expect(await pulled(listed(server.url('/images.tar')))).toMatchObject([{ status: 'pulled' }]);
  });

  it('verifies what was complete and not yet in its place', async () => {
    mkdirSync(path('k3s'));
    writeFileSync(path('k3s/images.tar.partial'), content);
    expect(await pulled(listed(server.url('/images.tar')))).toMatchObject([{ status: 'pulled', receivedBytes: 0 }]);
  });

  it('takes the whole file again from a server that knows no ranges', async () => {
    server.hasRanges = false;
    server.cutAfterBytes = [100_000];
    expect(await pulled(listed(server.url('/images.tar')))).toMatchObject([{ status: 'pulled' }]);
    expect(readFileSync(path('k3s/images.tar')).equals(content)).toBe(true);
  });

  it('needs no length', async () => {
    server.hasLength = false;
    expect(await pulled(listed(server.url('/images.tar')))).toMatchObject([{ status: 'pulled' }]);
  });

  it('follows where a server sends on to, without saying there who asks', async () => {
    const other = await FileServer.start();
    try {
      other.files.set('/there', content);
      server.redirects.set('/assets/bin/k3s', other.url('/there'));
      const environment = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'not-a-secret', AWS_ENDPOINT_URL: server.url('') };
      expect(await pulled(listed('s3://assets/bin/k3s'), { environment })).toMatchObject([{ status: 'pulled' }]);
      expect([server.asked[0]?.authorization === undefined, other.asked[0]?.authorization]).toEqual([false, undefined]);
    } finally {
      await other.stop();
    }
  });

  it('does not follow in circles', async () => {
    server.redirects.set('/round', server.url('/round'));
    expect((await pulled(listed(server.url('/round'))))[0]?.why).toMatch(/sends on in circles/u);
  });

  it('takes a large file of a server that closes after it', async () => {
    const large = randomBytes(5_000_000);
    server.files.set('/large', large);
    server.hasLength = false;
    server.isClosing = true;
    const sum = createHash('sha256').update(large).digest('hex');
    const manifest = { artifacts: [{ name: 'large', url: server.url('/large'), sha256: sum }] };
    expect(await pulled(manifest)).toMatchObject([{ status: 'pulled', receivedBytes: large.length }]);
  });

  it('keeps nothing of a file that is another one', async () => {
    server.files.set('/images.tar', randomBytes(1000));
    const [outcome] = await pulled(listed(server.url('/images.tar')));
    expect(outcome?.status).toBe('failed');
    expect(outcome?.why).toMatch(/is not what the manifest says: its SHA-256 is [0-9a-f]{64}, not/u);
    expect(existsSync(path('k3s/images.tar')) || existsSync(path('k3s/images.tar.partial'))).toBe(false);
  });

  it('replaces a file that was damaged', async () => {
    mkdirSync(path('k3s'));
    writeFileSync(path('k3s/images.tar'), 'half of it');
    expect(await pulled(listed(server.url('/images.tar')))).toMatchObject([{ status: 'pulled' }]);
  });

  it('says what the server says, does not ask again, and goes on with the others', async () => {
    const manifest = { artifacts: [...listed(server.url('/none'), 'none').artifacts, ...listed(server.url('/images.tar')).artifacts] };
    const outcomes = await pulled(manifest);
    expect(outcomes).toMatchObject([{ status: 'failed' }, { status: 'pulled' }]);
    expect(outcomes[0]?.why).toMatch(/none cannot be had from http.*: the server answers 404/u);
    expect(server.asked.filter(({ path: asked }) => asked === '/none')).toHaveLength(1);
  });

  it('asks again where a server is overloaded', async () => {
    server.refuse = [503, 503];
    expect(await pulled(listed(server.url('/images.tar')))).toMatchObject([{ status: 'pulled' }]);
  });

  it('gives up on a server that is not there, with the reason', async () => {
    const url = server.url('/images.tar');
    await server.stop();
    const [outcome] = await pulled(listed(url));
    expect(outcome?.why).toMatch(/cannot be had from http.*ECONNREFUSED/u);
  });

  it('ends when it is interrupted', async () => {
    const abort = new AbortController();
    abort.abort(new Error('interrupted'));
    await expect(pulled(listed(server.url('/images.tar')), { signal: abort.signal })).rejects.toThrow('interrupted');
  });

  it('says of an artifact without an address that it is not there', async () => {
    expect((await pulled({ artifacts: [{ name: 'k3s', sha256 }] }))[0]?.why).toMatch(/k3s has no url in the manifest, and is not in/u);
  });
});

describe('a pull from a stand-in of S3', () => {
  const keys = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'not-a-secret', AWS_REGION: 'eu-central-1' };

  it('signs what it asks for, also the rest of a file', async () => {
    const environment = { ...keys, AWS_ENDPOINT_URL: server.url('/') };
    server.files.set('/assets/bin/k3s', content);
    server.cutAfterBytes = [100_000];
    expect(await pulled(listed('s3://assets/bin/k3s'), { environment })).toMatchObject([{ status: 'pulled' }]);
    const last = server.asked.at(-1);
    expect(last?.range).toMatch(/^bytes=\d+-$/u);
    expect(last?.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-central-1\/s3\/aws4_request, SignedHeaders=\S+, Signature=[0-9a-f]{64}$/u,
    );
  });

  it('asks as anybody without keys', async () => {
    server.files.set('/assets/bin/k3s', content);
    expect(await pulled(listed('s3://assets/bin/k3s'), { environment: { AWS_ENDPOINT_URL: server.url('/') } })).toMatchObject([
      { status: 'pulled' },
    ]);
    expect(server.asked.at(-1)?.authorization).toBeUndefined();
  });

  it('knows where buckets are', () => {
    const of = { key: 'bin/a b', region: 'us-east-1', endpoint: undefined };
    expect(s3Address({ ...of, bucket: 'assets' })).toBe('https://assets.s3.us-east-1.amazonaws.com/bin/a%20b');
    expect(s3Address({ ...of, bucket: 'my.assets' })).toBe('https://s3.us-east-1.amazonaws.com/my.assets/bin/a%20b');
  });
});

describe('a pull from a registry', () => {
  const blob = `/v2/charts/hub/blobs/sha256:${sha256}`;
  const url = () => `oci+http://${new URL(server.url('/')).host}/charts/hub@sha256:${sha256}`;
  beforeEach(() => server.files.set(blob, content));

  it('takes a blob', async () => {
    expect(await pulled(listed(url()))).toMatchObject([{ status: 'pulled' }]);
  });

  it('fetches a token where one is asked for', async () => {
    server.files.set('/token', Buffer.from('{"token":"of-the-registry"}'));
    server.challenge = {
      path: blob,
      authorization: 'Bearer of-the-registry',
      header: `Bearer realm="${server.url('/token')}",service="r",scope="repository:charts/hub:pull"`,
    };
    expect(await pulled(listed(url()))).toMatchObject([{ status: 'pulled' }]);
    expect(server.asked.find(({ path: asked }) => asked === '/token')?.query).toBe('?service=r&scope=repository%3Acharts%2Fhub%3Apull');
  });

  it('says who it is where it has to, and which variables say it', async () => {
    const authorization = `Basic ${Buffer.from('ada:lovelace').toString('base64')}`;
    server.challenge = { path: blob, authorization, header: 'Basic realm="registry"' };
    expect((await pulled(listed(url())))[0]?.why).toMatch(/set MUSTER_REGISTRY_HOST to its name/u);
    const who = { MUSTER_REGISTRY_USER: 'ada', MUSTER_REGISTRY_PASSWORD: 'lovelace' };
    // A list may name registries of others: the password is for one.
    const other = { ...who, MUSTER_REGISTRY_HOST: 'registry.example' };
    expect((await pulled(listed(url()), { environment: other }))[0]?.why).toMatch(/asks who you are/u);
    const environment = { ...who, MUSTER_REGISTRY_HOST: new URL(server.url('/')).host };
    expect(await pulled(listed(url()), { environment })).toMatchObject([{ status: 'pulled' }]);
  });

  it('refuses a reference that is no blob', async () => {
    expect((await pulled(listed('oci://registry.example/hub:latest')))[0]?.why).toMatch(/is no blob of a registry/u);
  });
});

describe('a bundle', () => {
  const manifest = listed('https://example.invalid/images.tar');
  beforeEach(() => {
    mkdirSync(path('from/k3s'), { recursive: true });
    writeFileSync(path('from/k3s/images.tar'), content);
  });

  it('is carried, loaded and verified', async () => {
    const size = await bundle(manifest, path('from'), path('all.tar'));
    expect(size).toBe(statSync(path('all.tar')).size);
    expect(await load(path('all.tar'), path('to'))).toMatchObject([
      { name: 'k3s/images.tar', status: 'loaded', sizeBytes: content.length },
    ]);
    expect(readFileSync(path('to/k3s/images.tar')).equals(content)).toBe(true);
    expect(await load(path('all.tar'), path('to'))).toMatchObject([{ status: 'kept' }]);
    expect(await runTar(['-tf', path('all.tar')], 'list')).toBe('muster-artifacts.json\nSHA256SUMS\nk3s/images.tar\n');
  });

  it('is the same bytes when made twice', async () => {
    await bundle(manifest, path('from'), path('one.tar'));
    await bundle(manifest, path('from'), path('two.tar'));
    expect(readFileSync(path('one.tar')).equals(readFileSync(path('two.tar')))).toBe(true);
  });

  it('is not written of what is missing or damaged', async () => {
    writeFileSync(path('from/k3s/images.tar'), 'damaged');
    await expect(bundle(manifest, path('from'), path('all.tar'))).rejects.toThrow(
      /k3s\/images\.tar is damaged\. Run "muster artifacts pull"/u,
    );
    rmSync(path('from/k3s/images.tar'));
    await expect(bundle(manifest, path('from'), path('all.tar'))).rejects.toThrow(/k3s\/images\.tar is missing/u);
    expect(existsSync(path('all.tar'))).toBe(false);
  });

  it('that was damaged on its way changes nothing', async () => {
    await bundle(manifest, path('from'), path('all.tar'));
    const bytes = readFileSync(path('all.tar'));
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 100_000) ^ 1, bytes.length - 100_000);
    writeFileSync(path('all.tar'), bytes);
    await expect(load(path('all.tar'), path('to'))).rejects.toThrow(/k3s\/images\.tar in .* is damaged\. Nothing was changed/u);
    expect(existsSync(path('to/k3s'))).toBe(false);
  });

  it('that was cut off, or is none, is refused', async () => {
    await bundle(manifest, path('from'), path('all.tar'));
    writeFileSync(path('all.tar'), readFileSync(path('all.tar')).subarray(0, 50_000));
    await expect(load(path('all.tar'), path('to'))).rejects.toThrow(/failed: tar: Unexpected EOF/u);
    writeFileSync(path('text'), 'no tar at all');
    await expect(load(path('text'), path('to'))).rejects.toThrow(/Reading .* failed/u);
    await expect(load(path('none'), path('to'))).rejects.toThrow(/none is no file/u);
  });

  it('with a link in place of a file leads nowhere', async () => {
    mkdirSync(path('evil/k3s'), { recursive: true });
    writeFileSync(path('evil/muster-artifacts.json'), JSON.stringify(manifest));
    writeFileSync(path('outside'), content);
    symlinkSync(path('outside'), path('evil/k3s/images.tar'));
    await runTar(['-cf', path('evil.tar'), '-C', path('evil'), 'muster-artifacts.json', 'k3s/images.tar'], 'make');
    await expect(load(path('evil.tar'), path('to'))).rejects.toThrow(/k3s\/images\.tar in .* is no file/u);
  });
});

describe('a manifest', () => {
  const entry = (change: object) => JSON.stringify({ artifacts: [{ name: 'k3s', sha256, url: 'https://example.invalid/k3s', ...change }] });

  it.each([
    ['a step up', entry({ name: '../k3s' }), /artifacts\.0\.name must be a file name/u],
    ['an absolute path', entry({ name: '/etc/passwd' }), /artifacts\.0\.name/u],
    ['an option', entry({ name: '--checkpoint-action=exec' }), /artifacts\.0\.name/u],
    ['a name of the bundle', entry({ name: 'SHA256SUMS' }), /is a name of the bundle itself/u],
    ['a short checksum', entry({ sha256: 'abc' }), /artifacts\.0\.sha256 must be 64 digits/u],
    ['another protocol', entry({ url: 'file:///etc/passwd' }), /artifacts\.0\.url must begin with https/u],
    ['a key that is none', entry({ sha512: 'x' }), /Unrecognized key/u],
    ['nothing', '{"artifacts": []}', /artifacts/u],
    ['no YAML', '{"artifacts": [', /is neither YAML nor JSON/u],
  ])('is refused with %s', (_what, text, reason) => {
    expect(() => parseManifest(text, 'artifacts.yaml')).toThrow(reason);
  });

  it('is refused with a name twice, or a file that is a folder too', () => {
    const two = (first: string, second: string) => JSON.stringify({ artifacts: [first, second].map((name) => ({ name, sha256 })) });
    expect(() => parseManifest(two('a', 'a'), 'm')).toThrow(/lists a twice/u);
    expect(() => parseManifest(two('a', 'a/b'), 'm')).toThrow(/a is a file and also a folder/u);
  });

  it('may be YAML', () => {
    expect(parseManifest(`artifacts:\n  - name: k3s\n    sha256: '${sha256}'\n`, 'm').artifacts).toHaveLength(1);
  });
});
