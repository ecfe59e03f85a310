import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, link, lstat, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { testFolder } from '../test/test-folder.ts';
import { startSshd, type TestSshd } from '../test/test-sshd.ts';
import { bufferSource, type Connection, fileSource, openConnection, type Taking } from './index.ts';

/** A host that is busy takes its time to notice an end. */
const patiently = { timeout: 30_000 };

let sshd: TestSshd;
let connection: Connection;
let folder: string;

beforeAll(async () => {
  sshd = await startSshd();
  connection = await openConnection(sshd.target(), sshd.options());
});

beforeEach(async () => {
  folder = await testFolder();
});

afterAll(async () => {
  await connection.close();
  await sshd.stop();
});

/** Puts a program before the host's own for the length of `work`. */
async function withProgram(name: string, script: string, work: () => Promise<void>): Promise<void> {
  const file = join(sshd.programFolder, name);
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  try {
    await work();
  } finally {
    await rm(file);
  }
}

function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

describe('what arrives', () => {
  test.each([0, 1, 65_536, 5_000_001])('%d bytes, unchanged, with mode and digest', async (sizeBytes) => {
    const content = randomBytes(sizeBytes);
    const target = join(folder, "it's a file");
    const result = await connection.upload(content, target, { mode: 0o640 });
    expect(result).toEqual({ changed: true, sentBytes: sizeBytes, sha256: sha256(content) });
    expect((await readFile(target)).equals(content)).toBe(true);
    expect((await stat(target)).mode & 0o7777).toBe(0o640);
    expect(await readdir(folder)).toEqual(["it's a file"]);
  });

  test('where it is written is told as it begins, by name and process, and not where it is there already', async () => {
    const content = randomBytes(6_000_000);
    const target = join(folder, 'ä file');
    const told: { path: string; pid: number; isThere: boolean; lives: boolean }[] = [];
    const onTaking = ({ path, pid }: Taking): void =>
      void told.push({ path, pid, isThere: existsSync(path), lives: existsSync(`/proc/${pid}`) });
    await connection.upload(content, target, { mode: 0o644, onTaking });
    await connection.upload(content, target, { mode: 0o644, onTaking });
    expect(told).toEqual([
      { path: expect.stringMatching(/^\/.*\/\.muster-upload-[0-9a-f]{12}$/u), pid: expect.any(Number), isThere: true, lives: true },
    ]);
    expect((await readFile(target)).equals(content)).toBe(true);
  });

  test('a file of 200 MB, its progress told, little of it in memory', async () => {
    const local = join(folder, 'large');
    await writeFile(local, randomBytes(200_000_000));
    const target = join(folder, 'target');
    const before = process.memoryUsage().rss;
    let peak = 0;
    const progress: number[] = [];
    const result = await connection.upload(local, target, {
      mode: 0o644,
      onProgress: (sent, total) => {
        progress.push(sent);
        expect(total).toBe(200_000_000);
        peak = Math.max(peak, process.memoryUsage().rss);
      },
    });
    expect(result.changed).toBe(true);
    expect(progress.at(-1)).toBe(200_000_000);
    expect(peak - before).toBeLessThan(120_000_000);
    expect((await fileSource(target)).sha256).toBe(result.sha256);
  });

  test('one source serves many uploads at once', async () => {
    const source = bufferSource(randomBytes(100_000));
    await Promise.all(Array.from({ length: 12 }, (_, index) => connection.upload(source, join(folder, `f${index}`), { mode: 0o600 })));
    expect(await readdir(folder)).toHaveLength(12);
  });

  test('of many uploads to one target at once is one whole file, and each is told what it did', async () => {
    const target = join(folder, 'target');
    const contents = Array.from({ length: 8 }, () => randomBytes(300_000));
    const results = await Promise.all(contents.map((content) => connection.upload(content, target, { mode: 0o600 })));
    expect(results.map(({ changed, sentBytes }) => [changed, sentBytes])).toEqual(contents.map(() => [true, 300_000]));
    expect(contents.map(sha256)).toContain(sha256(await readFile(target)));
    expect(await readdir(folder)).toEqual(['target']);
    // A run that was begun twice brings the same file: whoever comes last finds it there, or replaces it by the same.
    const [content = Buffer.alloc(0)] = contents;
    await Promise.all([1, 2, 3].map(() => connection.upload(content, target, { mode: 0o600 })));
    expect(sha256(await readFile(target))).toBe(sha256(content));
    expect(await readdir(folder)).toEqual(['target']);
  });

  test('an owner is set where the user may', async () => {
    const { uid } = await stat(folder);
    const owner = (await connection.exec(['id', '-un'])).stdout.trim();
    const group = (await connection.exec(['id', '-gn'])).stdout.trim();
    const target = join(folder, 'owned');
    const options = { mode: 0o600, owner: `${owner}:${group}` };
    expect((await connection.upload(Buffer.from('x'), target, options)).changed).toBe(true);
    expect((await stat(target)).uid).toBe(uid);
    expect((await connection.upload(Buffer.from('x'), target, options)).changed).toBe(false);
  });
});

describe('what is there already', () => {
  test('is left alone: same inode, same time, nothing sent', async () => {
    const target = join(folder, 'same');
    await connection.upload(Buffer.from('content'), target, { mode: 0o644 });
    const before = await stat(target);
    const result = await connection.upload(Buffer.from('content'), target, { mode: 0o644 });
    const after = await stat(target);
    expect(result).toMatchObject({ changed: false, sentBytes: 0 });
    expect([after.ino, after.ctimeMs]).toEqual([before.ino, before.ctimeMs]);
  });

  test('but with another mode gets the mode only', async () => {
    const target = join(folder, 'mode');
    await connection.upload(Buffer.from('content'), target, { mode: 0o644 });
    const { ino } = await stat(target);
    const result = await connection.upload(Buffer.from('content'), target, { mode: 0o600 });
    expect(result).toMatchObject({ changed: true, sentBytes: 0 });
    expect(await stat(target)).toMatchObject({ ino, mode: 0o100600 });
  });

  test('with other content is replaced as a whole: a reader of the old file keeps it', async () => {
    const target = join(folder, 'replaced');
    await writeFile(target, 'old');
    await link(target, join(folder, 'reader'));
    await connection.upload(Buffer.from('new'), target, { mode: 0o644 });
    expect(await readFile(target, 'utf8')).toBe('new');
    expect(await readFile(join(folder, 'reader'), 'utf8')).toBe('old');
  });

  test('a symbolic link is replaced, not followed', async () => {
    const target = join(folder, 'link');
    await writeFile(join(folder, 'elsewhere'), 'precious');
    await symlink('elsewhere', target);
    await connection.upload(Buffer.from('new'), target, { mode: 0o644 });
    expect((await lstat(target)).isFile()).toBe(true);
    expect(await readFile(join(folder, 'elsewhere'), 'utf8')).toBe('precious');
  });
});

describe('an upload of a large file that was interrupted', () => {
  const content = randomBytes(6_000_000);
  const partOf = (bytes: Uint8Array) => join(folder, `.muster-upload-${sha256(bytes).slice(0, 32)}.part`);

  test('goes on where it ended, and leaves nothing else', async () => {
    const target = join(folder, 'target');
    await withProgram('cat', 'exec head -c 2000000', async () => {
      await expect(connection.upload(content, target, { mode: 0o644 })).rejects.toMatchObject({ kind: 'uploadFailed' });
    });
    await expect.poll(() => stat(partOf(content)).then(({ size }) => size)).toBe(2_000_000);
    const progress: number[] = [];
    const result = await connection.upload(content, target, { mode: 0o644, onProgress: (sent) => progress.push(sent) });
    expect(result).toMatchObject({ changed: true, sentBytes: 4_000_000 });
    expect(progress.at(-1)).toBe(6_000_000);
    expect((await readFile(target)).equals(content)).toBe(true);
    expect(await readdir(folder)).toEqual(['target']);
  });

  test('begins anew when what was kept is damaged', async () => {
    await writeFile(partOf(content), randomBytes(1000));
    const target = join(folder, 'target');
    expect(await connection.upload(content, target, { mode: 0o644 })).toMatchObject({ changed: true, sentBytes: 6_000_000 });
    expect((await readFile(target)).equals(content)).toBe(true);
    expect(await readdir(folder)).toEqual(['target']);
  });

  test('takes no link for what was kept', async () => {
    await writeFile(join(folder, 'precious'), 'precious');
    await symlink('precious', partOf(content));
    await connection.upload(content, join(folder, 'target'), { mode: 0o644 });
    expect(await readFile(join(folder, 'precious'), 'utf8')).toBe('precious');
  });
});

describe('a file that a fellow gives', () => {
  const content = randomBytes(5_000_000);
  const token = 'word of the day';

  /** Gives `given` to whoever says the token and from which byte on. */
  async function fellow(given: Uint8Array): Promise<{ port: number; asked: string[]; close: () => void }> {
    const asked: string[] = [];
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', (line) => {
        asked.push(line.toString());
        socket.end(given.subarray(Number(line.toString().split(' ').at(-1))));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { port: (server.address() as AddressInfo).port, asked, close: () => server.close() };
  }

  test('is fetched and verified by the host itself, from where it was interrupted', async () => {
    const { port, asked, close } = await fellow(content);
    const target = join(folder, 'target');
    await writeFile(join(folder, `.muster-upload-${sha256(content).slice(0, 32)}.part`), content.subarray(0, 1000));
    const result = await connection.upload(content, target, { mode: 0o644, peer: { address: '127.0.0.1', port, token } });
    close();
    expect(result).toMatchObject({ changed: true, sentBytes: 0 });
    expect(asked).toEqual([`${token} 1000\n`]);
    expect((await readFile(target)).equals(content)).toBe(true);
  });

  test('is refused when it is another', async () => {
    const { port, close } = await fellow(randomBytes(content.length));
    const uploading = connection.upload(content, join(folder, 'target'), { mode: 0o644, peer: { address: '127.0.0.1', port, token } });
    await expect(uploading).rejects.toMatchObject({ kind: 'uploadFailed', what: 'what arrived has another SHA-256' });
    close();
    expect(await readdir(folder)).toEqual([]);
  });

  test('does not come where nobody listens', async () => {
    const uploading = connection.upload(content, join(folder, 'target'), { mode: 0o644, peer: { address: '127.0.0.1', port: 1, token } });
    await expect(uploading).rejects.toMatchObject({ kind: 'uploadFailed', what: 'its fellow did not give it' });
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('what goes wrong leaves the old content and no other file', () => {
  let target: string;

  beforeEach(async () => {
    target = join(folder, 'target');
    await writeFile(target, 'old');
  });

  async function expectUntouched(): Promise<void> {
    expect(await readFile(target, 'utf8')).toBe('old');
    await expect.poll(() => readdir(folder), patiently).toEqual(['target']);
  }

  test('the disk is full', async () => {
    // The real cat, writing to a device that is always full once it has taken some.
    await withProgram('cat', 'head -c 1000; exec /bin/cat >/dev/full', async () => {
      const uploading = connection.upload(randomBytes(20_000_000), target, { mode: 0o644 });
      await expect(uploading).rejects.toMatchObject({ kind: 'diskFull', what: expect.stringContaining('No space left on device') });
    });
    await expectUntouched();
  });

  test('the content is cut short', async () => {
    await withProgram('cat', 'exec head -c 1000', async () => {
      const uploading = connection.upload(randomBytes(20_000_000), target, { mode: 0o644 });
      await expect(uploading).rejects.toMatchObject({ kind: 'uploadFailed', what: 'it did not arrive as a whole' });
    });
    // Of a large file what came is kept for the next upload.
    expect(await readFile(target, 'utf8')).toBe('old');
    await expect.poll(() => readdir(folder)).toEqual([expect.stringMatching(/^\.muster-upload-[0-9a-f]{32}\.part$/u), 'target']);
  });

  test('a bit is flipped on the way', async () => {
    await withProgram('cat', 'exec tr x y', async () => {
      const uploading = connection.upload(Buffer.from('-----x-----'), target, { mode: 0o644 });
      await expect(uploading).rejects.toMatchObject({ kind: 'uploadFailed', what: 'what arrived has another SHA-256' });
    });
    await expectUntouched();
  });

  test('the local file is not what its digest says', async () => {
    const source = { ...bufferSource(Buffer.from('new')), sha256: sha256(Buffer.from('other')) };
    await expect(connection.upload(source, target, { mode: 0o644 })).rejects.toMatchObject({ kind: 'uploadFailed' });
    await expectUntouched();
  });

  test('the local source breaks off', async () => {
    const source = {
      ...bufferSource(Buffer.from('new')),
      async *open(): AsyncGenerator<Uint8Array> {
        yield Buffer.from('ne');
        throw new Error('disk error');
      },
    };
    await expect(connection.upload(source, target, { mode: 0o644 })).rejects.toThrow('disk error');
    await expectUntouched();
  });

  test('the connection is lost on the way', async () => {
    const other = await openConnection(sshd.target(), sshd.options());
    const before = new Set(sshd.sessionPids());
    const third = await openConnection(sshd.target(), sshd.options());
    const uploading = third.upload(
      {
        ...bufferSource(Buffer.from('new')),
        async *open(): AsyncGenerator<Uint8Array> {
          yield Buffer.from('ne');
          await sleep(300);
          sshd
            .sessionPids()
            .filter((pid) => !before.has(pid))
            .forEach((pid) => process.kill(pid, 'SIGKILL'));
          await sleep(300);
        },
      },
      target,
      { mode: 0o644 },
    );
    await expect(uploading).rejects.toMatchObject({ kind: 'connectionLost', command: `upload ${target}` });
    await expectUntouched();
    await other.close();
  });

  test('time runs out', async () => {
    const source = {
      ...bufferSource(Buffer.from('new')),
      async *open(): AsyncGenerator<Uint8Array> {
        yield Buffer.from('ne');
        await sleep(3000);
      },
    };
    await expect(connection.upload(source, target, { mode: 0o644, timeoutSeconds: 0.5 })).rejects.toMatchObject({ kind: 'timeout' });
    await expectUntouched();
  });

  test('there is no sha256sum', async () => {
    const script = 'exit 127';
    await withProgram('sha256sum', script, async () => {
      await expect(connection.upload(Buffer.from('new'), target, { mode: 0o644 })).rejects.toMatchObject({ kind: 'uploadFailed' });
    });
    await expectUntouched();
  });
});

/** Mounting needs root, as in CI. */
describe.runIf(process.getuid?.() === 0)('a real file system', () => {
  let disk: string;

  beforeEach(async () => {
    disk = join(folder, 'disk');
    await mkdir(disk);
    mount('-t', 'tmpfs', '-o', 'size=1m', 'muster-test', disk);
    await writeFile(join(disk, 'target'), 'old');
  });

  afterEach(() => void execFileSync('umount', [disk]));

  const mount = (...words: string[]) => void execFileSync('mount', words);
  const upload = (sizeBytes: number) => connection.upload(randomBytes(sizeBytes), join(disk, 'target'), { mode: 0o644 });

  test('that is full keeps the old content, has its room back, and takes the file once there is enough', async () => {
    await expect(upload(5_000_000)).rejects.toMatchObject({ kind: 'diskFull', advice: expect.stringContaining('Free space there') });
    expect(await readFile(join(disk, 'target'), 'utf8')).toBe('old');
    await expect.poll(() => readdir(disk), patiently).toEqual(['target']);
    mount('-o', 'remount,size=20m', disk);
    expect((await upload(5_000_000)).changed).toBe(true);
  });

  test('that is full to the last byte', async () => {
    await writeFile(join(disk, 'fill'), Buffer.alloc(2_000_000)).catch(() => undefined);
    await expect(upload(100_000)).rejects.toMatchObject({ kind: 'diskFull' });
    expect(await readFile(join(disk, 'target'), 'utf8')).toBe('old');
  });

  test('that has no inode left', async () => {
    mount('-o', 'remount,nr_inodes=2', disk);
    await expect(upload(1000)).rejects.toMatchObject({ kind: 'diskFull', what: expect.stringContaining('No space left on device') });
  });

  test('that is read-only is told as such, and is no wrong mode or owner', async () => {
    mount('-o', 'remount,ro', disk);
    await expect(upload(1000)).rejects.toMatchObject({
      kind: 'readOnlyFileSystem',
      what: expect.stringContaining('Read-only file system'),
      advice: expect.stringContaining('remount'),
    });
    expect(await readdir(disk)).toEqual(['target']);
  });

  test('that is mounted noexec takes files, and no script is run from it', async () => {
    mount('-o', 'remount,noexec', disk);
    expect((await upload(1000)).changed).toBe(true);
    const result = await connection.exec(`TMPDIR=${disk}; export TMPDIR; cat <<here\nfrom a here-document\nhere\necho end`);
    expect(result).toMatchObject({ exitCode: 0, stdout: 'from a here-document\nend\n' });
  });
});
