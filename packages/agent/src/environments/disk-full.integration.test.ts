import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { archiveOf, archiveTask, EngineFixture } from '../../test/engine-fixture.ts';
import { type FakeAuthority, makeFakeAuthority } from '../../test/fake-authority.ts';
import { temporaryFolder } from '../../test/temporary-folder.ts';

let authority: FakeAuthority;
beforeAll(async () => {
  authority = await makeFakeAuthority();
});

/** A disk of 4 MB. */
function smallDisk(): string {
  const folder = join(temporaryFolder(), 'disk');
  mkdirSync(folder);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'muster-test', folder]);
  onTestFinished(() => void execFileSync('umount', [folder]));
  return folder;
}

const small = archiveOf('small');
const large = archiveOf('large', [{ path: 'data', content: randomBytes(3_000_000) }]);
const tooLarge = archiveOf('too-large', [{ path: 'data', content: randomBytes(6_000_000) }]);

describe.runIf(process.getuid?.() === 0)('a disk that is full', () => {
  it('while an archive is unpacked leaves what was in use, and room', async () => {
    const host = await EngineFixture.open(authority, [small, large], smallDisk());
    await host.ensure(archiveTask('ml', 1, small));
    await expect(host.ensure(archiveTask('ml', 2, large))).rejects.toMatchObject({
      fault: 'passing',
      message: expect.stringMatching(/Unpacking env-large\.tar failed: ENOSPC: no space left on device/u),
    });
    expect(host.inUse('ml')).toBe('1');
    expect(host.names('ml')).toEqual(['1', '1.json', 'current']);
    expect((await host.ensure(archiveTask('ml', 1, small))).message).toMatch(/in use already/u);
  });

  it('while an artifact is fetched keeps the half of it, and goes on once there is room', async () => {
    const disk = smallDisk();
    const host = await EngineFixture.open(authority, [tooLarge, large], disk);
    await expect(host.ensure(archiveTask('ml', 1, tooLarge))).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(host.names('.cache')).toEqual([`${tooLarge.sha256}.partial`]);
    execFileSync('mount', ['-o', 'remount,size=40m', disk]);
    const sent = host.server.sentBytes;
    await host.ensure(archiveTask('ml', 1, tooLarge));
    expect(host.server.sentBytes - sent).toBeLessThan(tooLarge.sizeBytes / 2);
    expect(host.inUse('ml')).toBe('1');
  });

  it('while the record is written leaves a version that does not count', async () => {
    const disk = smallDisk();
    const host = await EngineFixture.open(authority, [small], disk);
    const fill = join(disk, 'fill');
    const onStep = (step: string): void => {
      if (step !== 'record') return;
      try {
        writeFileSync(fill, Buffer.alloc(5_000_000));
      } catch {
        // As full as can be.
      }
    };
    await expect(host.ensure(archiveTask('ml', 1, small), { onStep })).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(host.inUse('ml')).toBeUndefined();
    rmSync(fill);
    await host.ensure(archiveTask('ml', 1, small));
    expect(host.inUse('ml')).toBe('1');
  });
});
