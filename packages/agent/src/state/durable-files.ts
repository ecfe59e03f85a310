import { mkdirSync } from 'node:fs';
import { chmod, mkdir, open, readdir, rename, rm, symlink } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * The writes that the agent's state is made of. Each one either happened whole and is on the disk when its promise resolves,
 * or left what was there before. Tests cut them off at every step.
 */
export type DurableFiles = {
  /** Makes a folder (0700) and those above it that are missing. */
  readonly makeFolder: (path: string) => Promise<void>;
  /** Makes a folder that others may look into; it belongs to the group of the folder it is in, where that passes its group on. */
  readonly makeSharedFolder: (path: string) => Promise<void>;
  /** Puts a file in place of what was there; of mode 0600 unless another is given. */
  readonly writeFile: (path: string, content: string | Uint8Array, mode?: number) => Promise<void>;
  /** Makes the symbolic link `path` point to `target`, in one step. */
  readonly pointTo: (path: string, target: string) => Promise<void>;
  /** Removes a folder with all it holds, or does nothing when there is none. */
  readonly removeFolder: (path: string) => Promise<void>;
  /** Removes a file, or does nothing when there is none. */
  readonly removeFile: (path: string) => Promise<void>;
};

export const durableFiles: DurableFiles = {
  makeFolder: async (path) => {
    const first = await mkdir(path, { recursive: true, mode: 0o700 });
    await chmod(path, 0o700);
    await syncFolder(dirname(first ?? path));
  },
  makeSharedFolder: async (path) => {
    // Not by chmod, which would take the bit away by which the group is passed on, and may not set it. Nothing else runs in between.
    const before = process.umask(0o022);
    try {
      mkdirSync(path, { recursive: true, mode: 0o755 });
    } finally {
      process.umask(before);
    }
    await syncFolder(dirname(path));
  },
  writeFile: async (path, content, mode = 0o600) => {
    const beside = `${path}.new`;
    await rm(beside, { force: true });
    const handle = await open(beside, 'wx', 0o600);
    try {
      await handle.writeFile(content);
      if (mode !== 0o600) await handle.chmod(mode);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(beside, path);
    await syncFolder(dirname(path));
  },
  pointTo: async (path, target) => {
    const beside = `${path}.new`;
    await rm(beside, { force: true });
    await symlink(target, beside);
    await rename(beside, path);
    await syncFolder(dirname(path));
  },
  removeFolder: async (path) => {
    await rm(path, { recursive: true, force: true });
    await syncFolder(dirname(path));
  },
  removeFile: async (path) => {
    await rm(path, { force: true });
    await syncFolder(dirname(path));
  },
};

/** A rename is on the disk only when the folder that holds the name is. */
async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Names in a folder; none when there is no such folder. */
export const namesIn = (path: string): Promise<readonly string[]> => readdir(path).catch(() => []);
