import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Ended, runInDash } from './dash.ts';

/** What scripts may use of this machine; all else is a stub, or is not there. */
const tools = 'basename cat cmp cp cut date dirname env grep head ln ls mkdir mv readlink rm rmdir sed sleep sort stat tail touch tr wc';
const systemPath = ['/usr/bin', '/bin', '/usr/sbin', '/sbin'];

/** A folder that scripts for a host take for its root, with stub programs: absolute paths of a host are led into it. */
export class ScriptRoot {
  readonly folder = mkdtempSync(join(tmpdir(), 'muster-root-'));

  constructor() {
    for (const path of ['bin', 'etc', 'run', 'var/lib/muster-provision', 'var/cache', 'usr/sbin', 'usr/local/bin'])
      mkdirSync(join(this.folder, path), { recursive: true });
    for (const tool of tools.split(' ')) this.link(tool);
    // A session of its own changes nothing here; the lock is free.
    this.program('setsid', 'shift; exec "$@"');
    this.program('flock', 'exit 0');
    this.packages({});
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  /** Lets scripts use a program of this machine. */
  link(tool: string): void {
    const at = systemPath.map((path) => join(path, tool)).find((path) => existsSync(path));
    if (at !== undefined) symlinkSync(at, join(this.folder, 'bin', tool));
  }

  /** Makes a stub of a program that ends as `script` says. */
  program(name: string, script: string, folder = 'bin'): void {
    const path = join(this.folder, folder, name);
    // Where it is a link to a program of this machine, writing would change that one.
    rmSync(path, { force: true });
    writeFileSync(path, `#!/bin/sh\n${this.inside(script)}\n`, { flag: 'wx' });
    chmodSync(path, 0o755);
  }

  /** What dpkg-query says of packages: their state by name. */
  packages(states: Readonly<Record<string, string>>): void {
    for (const [name, state] of Object.entries(states)) this.write(`/dpkg/${name}`, state);
    this.program('dpkg-query', `for name in "$@"; do :; done; cat "${this.folder}/dpkg/$name" 2>/dev/null`);
  }

  path = (path: string): string => join(this.folder, path);
  has = (path: string): boolean => existsSync(this.path(path));
  read = (path: string): string => readFileSync(this.path(path), 'utf8');

  write(path: string, content = ''): void {
    mkdirSync(dirname(this.path(path)), { recursive: true });
    writeFileSync(this.path(path), content);
  }

  run(script: string): Promise<Ended> {
    return runInDash(this.inside(script), { env: { PATH: join(this.folder, 'bin') } });
  }

  /** `/dev` and `/proc` stay what they are. */
  inside(script: string): string {
    return script.replaceAll(/(?<![\w.}*])\/(?=(?:etc|opt|run|usr|var)\/)/gu, `${this.folder}/`);
  }
}
