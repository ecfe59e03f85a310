import { randomBytes } from 'node:crypto';
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCode, withFileLock } from './file-lock.ts';
import { readKeyType } from './host-key.ts';
import { hashHostName, type KnownHostsLine, parseKnownHosts } from './known-hosts-line.ts';
import { KnownHostsLookup } from './known-hosts-lookup.ts';

/**
 * The known_hosts files of one run: read once for all hosts, appended to one line at a time. Missing files are empty ones;
 * a file that cannot be read is an error, because a revoked key may stand in it.
 */
export class KnownHostsStore {
  /** New keys go to the first. */
  readonly files: readonly string[];
  #lookup: Promise<KnownHostsLookup> | undefined;

  constructor(files: readonly string[]) {
    this.files = files;
  }

  /** The lines of all files. Rejects with the system's error when one cannot be read. */
  lookup(): Promise<KnownHostsLookup> {
    this.#lookup ??= Promise.all(this.files.map(readLines)).then((lines) => new KnownHostsLookup(lines.flat()));
    return this.#lookup;
  }

  /**
   * Appends one line for the host to the first file, under a lock; every other line stays as it is, byte by byte. The file
   * (0600) and its folder (0700) are made when missing. Does nothing when another process was faster with the same key.
   * The name is hashed when the file's last line is (the `HashKnownHosts` its owner uses).
   */
  async append(name: string, key: Buffer): Promise<void> {
    const file = this.files[0];
    const keyType = readKeyType(key);
    if (file === undefined || keyType === undefined) {
      return;
    }
    await makeFolder(dirname(file));
    const line = await withFileLock(file, () => appendLine(file, name, keyType, key));
    (await this.lookup()).add(line);
  }
}

/** Only the last folder, `~/.ssh`: a home that does not exist is not made up. */
async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') {
      throw error;
    }
  }
}

async function readLines(file: string): Promise<KnownHostsLine[]> {
  return parseKnownHosts(await readText(file), file);
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') {
      return '';
    }
    throw error;
  }
}

async function appendLine(file: string, name: string, keyType: string, key: Buffer): Promise<KnownHostsLine> {
  const text = await readText(file);
  const lines = parseKnownHosts(text, file);
  const added: KnownHostsLine = {
    file,
    lineNumber: text === '' ? 1 : text.replace(/\n$/, '').split('\n').length + 1,
    marker: 'none',
    hosts: lines.at(-1)?.hosts.startsWith('|') === true ? hashHostName(name, randomBytes(20)) : name,
    keyType,
    key,
  };
  if (new KnownHostsLookup(lines).answer([name], keyType, key).state !== 'match') {
    const gap = text === '' || text.endsWith('\n') ? '' : '\n';
    await appendFile(file, `${gap}${added.hosts} ${keyType} ${key.toString('base64')}\n`, { mode: 0o600 });
  }
  return added;
}
