import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { plainHostKeyLine } from './host-certificate.ts';
import type { ResolvedLogin } from './host-login.ts';
import { masterArguments, type MasterFiles } from './openssh-arguments.ts';
import { OutputCollector } from './output-collector.ts';

/** A socket's path has room for 107 bytes, and `ssh` adds 17 while it makes it. */
const MAX_FOLDER_LENGTH = 70;
const POLL_MS = 20;

/** Ends `ssh` with its standard input: a master whose owner was killed must not stay connected. */
const GUARD = `exec 3<&0
"$@" </dev/null 3<&- &
child=$!
( cat <&3 >/dev/null 2>&1; kill "$child" 2>/dev/null ) 2>/dev/null &
watch=$!
exec 3<&-
wait "$child"
status=$?
kill "$watch" 2>/dev/null
exit "$status"`;

/** Notes the key that a host shows. It prints nothing, so it vouches for none. */
const NOTE_KEY = '[ "$2" = NONE ] || printf \'%s %s\\n\' "$1" "$2" >"${0%/*}/host-key"\n';

/** The `ssh` process that is logged in to one host and carries the sessions of others. */
export class OpenSshMaster {
  readonly files: MasterFiles;
  /** Resolves when the process has ended. */
  readonly ended: Promise<void>;
  readonly #folder: string;
  readonly #child: ChildProcessByStdio<Writable, null, Readable>;
  readonly #said = new OutputCollector(8192, 'tail');
  #isOver = false;

  private constructor(folder: string, files: MasterFiles, words: readonly string[]) {
    this.#folder = folder;
    this.files = files;
    // Away from the terminal: no question can be asked there behind our back, and Ctrl-C is for us to act on.
    this.#child = spawn('/bin/sh', ['-c', GUARD, 'sh', ...words], { stdio: ['pipe', 'ignore', 'pipe'], detached: true });
    this.#child.stdin.on('error', () => undefined);
    this.#child.stderr.on('data', (chunk: Buffer) => this.#said.push(chunk));
    const ended = Promise.withResolvers<void>();
    this.ended = ended.promise;
    this.#child.once('error', () => ended.resolve());
    this.#child.once('exit', () => {
      this.#isOver = true;
      this.#child.stdin.end();
    });
    this.#child.once('close', () => ended.resolve());
  }

  /** Starts it in a private folder; it is not logged in yet. `hasKeyNote`: the client knows KnownHostsCommand. */
  static async start(program: string, login: ResolvedLogin, configWords: readonly string[], hasKeyNote: boolean): Promise<OpenSshMaster> {
    const base = tmpdir().length > MAX_FOLDER_LENGTH ? '/tmp' : tmpdir();
    const folder = await mkdtemp(join(base, 'muster-ssh-'));
    const files = { socket: join(folder, 's'), noteKeyScript: hasKeyNote ? join(folder, 'note-key') : undefined };
    await writeFile(join(folder, 'note-key'), NOTE_KEY, { mode: 0o600 });
    return new OpenSshMaster(folder, files, [program, ...masterArguments(login, files, configWords)]);
  }

  /** All that `ssh` wrote, at most its last 8 kB. */
  get said(): string {
    return this.#said.bytes().toString('utf8');
  }

  /** True once it is logged in, false when it ended before. The socket comes with the login. */
  async isLoggedIn(signal: AbortSignal): Promise<boolean> {
    while (!this.#isOver) {
      if (await exists(this.files.socket)) {
        return true;
      }
      signal.throwIfAborted();
      await sleep(POLL_MS);
    }
    await this.ended;
    return false;
  }

  /** The key the host has shown, as `type base64`; empty where the client cannot tell. */
  async hostKey(): Promise<string> {
    const text = await readFile(join(this.#folder, 'host-key'), 'utf8').catch(() => '');
    return plainHostKeyLine(text.trim());
  }

  /** Ends the process and removes its folder. Idempotent. */
  async stop(): Promise<void> {
    this.#child.stdin.end();
    await this.ended;
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
