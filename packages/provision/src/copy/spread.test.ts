import { type Connection, SshError, type UploadOptions, type UploadSource } from '@muster/ssh';
import { describe, expect, it, vi } from 'vitest';
import { Spread } from './spread.ts';

const source: UploadSource = { sizeBytes: 10_000_000, sha256: 'a'.repeat(64), open: async function* () {} };
const failure = (kind: SshError['kind']) =>
  new SshError({ kind, host: { name: 'x', address: 'x', port: 22 }, what: 'it failed', advice: 'Look.' });

/** A fake host that takes uploads and can give. */
class FakeFellow {
  readonly uploads: UploadOptions[] = [];
  /** What happens to uploads from a fellow. */
  refusal: Error | undefined;
  refused = 0;
  isGiving = false;
  /** Uploads that begin say so, and end when this does. */
  middle: PromiseWithResolvers<void> | undefined;
  /** What it was told to give. */
  given = '';
  readonly closed = Promise.withResolvers<undefined>();
  readonly connection: Connection;

  constructor(name: string, { canGive = true } = {}) {
    const exec: unknown = async (
      script: string,
      { stdin, onOutput }: { stdin?: AsyncIterable<Uint8Array>; onOutput?: (chunk: unknown) => void },
    ) => {
      if (script.startsWith('echo')) return { stdout: '10.0.0.9 5000 10.0.0.1 22\n' };
      if (!canGive) return { exitCode: 1 };
      this.isGiving = true;
      this.given = script;
      onOutput?.({ stream: 'stdout', data: Buffer.from('giving\n') });
      for await (const _ of stdin ?? []);
      this.isGiving = false;
      return { exitCode: 0 };
    };
    const upload = async (_from: unknown, _path: string, options: UploadOptions) => {
      this.uploads.push(options);
      if (this.middle !== undefined) {
        options.onTaking?.({ path: '/x.new', pid: 4711 });
        await this.middle.promise;
      }
      await new Promise(setImmediate);
      if (options.peer !== undefined && this.refusal !== undefined) {
        this.refused += 1;
        throw this.refusal;
      }
      return { changed: true, sentBytes: options.peer === undefined ? source.sizeBytes : 0, sha256: source.sha256 };
    };
    this.connection = { host: { name, address: name, port: 22 }, exec, upload, closed: this.closed.promise } as unknown as Connection;
  }
}

async function spreadOver(
  fellows: Record<string, FakeFellow>,
  options: { mode?: number; source?: UploadSource | string; mayGive?: boolean } = {},
) {
  const upload = { mode: options.mode ?? 0o644, sudo: true, signal: new AbortController().signal };
  const spread = new Spread({ source: options.source ?? source, path: '/x', upload, forks: 10, mayGive: options.mayGive ?? true });
  const placed = await Promise.allSettled(Object.entries(fellows).map(([name, { connection }]) => spread.place(name, connection)));
  await spread.end();
  return placed.map((result) => (result.status === 'fulfilled' ? (result.value.from ?? 'us') : (result.reason as SshError).kind));
}
const three = () => ({ a: new FakeFellow('a'), b: new FakeFellow('b'), c: new FakeFellow('c') });

describe('one file for many hosts', () => {
  it('is sent once; the others get it from a fellow that is told a token and ends giving', async () => {
    const fellows = three();
    expect(await spreadOver(fellows)).toEqual(['us', 'a', 'a']);
    expect(fellows.b.uploads[0]?.peer).toEqual({
      address: '10.0.0.1',
      port: expect.any(Number),
      token: expect.stringMatching(/^[0-9a-f]{48}$/u),
    });
    expect(Object.values(fellows).map(({ isGiving }) => isGiving)).toEqual([false, false, false]);
  });

  it.each<{ options: Parameters<typeof spreadOver>[1]; why: string }>([
    { options: { mode: 0o640 }, why: 'not everybody may read it' },
    { options: { source: { ...source, sizeBytes: 1000 } }, why: 'it is small' },
    { options: { source: '/a/path' }, why: 'its digest is not known' },
    { options: { mayGive: false }, why: 'nobody shall give' },
  ])('is sent to each over SSH when $why', async ({ options }) => expect(await spreadOver(three(), options)).toEqual(['us', 'us', 'us']));

  it('is sent over SSH to a host that no fellow reaches, and not when another sender would not help', async () => {
    const fellows = three();
    fellows.b.refusal = failure('uploadFailed');
    fellows.c.refusal = failure('diskFull');
    expect(await spreadOver(fellows)).toEqual(['us', 'us', 'diskFull']);
    expect(fellows.b.uploads.map(({ peer }) => peer === undefined)).toEqual([false, true]);
  });

  it('is sent over SSH where hosts cannot give', async () => {
    const fellows = { a: new FakeFellow('a', { canGive: false }), b: new FakeFellow('b', { canGive: false }) };
    expect(await spreadOver(fellows)).toEqual(['us', 'us']);
  });

  it('is sent over SSH once the host that gives is lost, however long that would have kept others waiting', async () => {
    const [a, b] = [new FakeFellow('a'), new FakeFellow('b')];
    const { upload } = b.connection;
    const stalled = ({ signal }: UploadOptions) =>
      new Promise<never>((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(failure('aborted')));
        a.closed.resolve(undefined);
      });
    Object.assign(b.connection, {
      upload: (...args: Parameters<typeof upload>) => (args[2].peer === undefined ? upload(...args) : stalled(args[2])),
    });
    expect(await spreadOver({ a, b })).toEqual(['us', 'us']);
  });

  it('is passed on while it comes, in a row', async () => {
    const fellows = three();
    for (const fellow of Object.values(fellows)) fellow.middle = Promise.withResolvers();
    const spreading = spreadOver(fellows);
    await vi.waitFor(() => expect(fellows.c.uploads).toHaveLength(1));
    expect(fellows.a.given).toMatch(/MUSTER_SIZE=10000000 .*\nMUSTER_GROWING='?\/x\.new'? MUSTER_WRITER=4711\n/u);
    for (const fellow of Object.values(fellows)) fellow.middle?.resolve();
    expect(await spreading).toEqual(['us', 'a', 'b']);
    expect(Object.values(fellows).map(({ isGiving }) => isGiving)).toEqual([false, false, false]);
  });

  it('is taken from one that has all of it by a host whose fellow failed in the middle, and that one gives no more', async () => {
    const fellows = three();
    for (const fellow of Object.values(fellows)) fellow.middle = Promise.withResolvers();
    const spreading = spreadOver(fellows);
    await vi.waitFor(() => expect(fellows.c.uploads).toHaveLength(1));
    fellows.b.refusal = failure('diskFull');
    fellows.c.refusal = failure('uploadFailed');
    fellows.b.middle?.resolve();
    await vi.waitFor(() => expect(fellows.b.isGiving).toBe(false));
    fellows.c.middle?.resolve();
    // It has nobody but the provisioner's own receiver to wait for.
    await vi.waitFor(() => expect(fellows.c.refused).toBe(1));
    expect(fellows.c.uploads).toHaveLength(1);
    fellows.c.refusal = undefined;
    fellows.a.middle?.resolve();
    expect(await spreading).toEqual(['us', 'diskFull', 'a']);
  });

  it('comes from a host that is known to have it', async () => {
    const [a, b] = [new FakeFellow('a'), new FakeFellow('b')];
    const upload = { mode: 0o644, signal: new AbortController().signal };
    const spread = new Spread({ source, path: '/x', upload, forks: 1 });
    spread.holds('a', a.connection);
    expect(await spread.place('b', b.connection)).toMatchObject({ from: 'a', sentBytes: 0 });
    await spread.end();
  });
});
