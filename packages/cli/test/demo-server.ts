import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { reachableFolder } from '@muster/testkit';
import { closedPort } from './closed-port.ts';
import { type Ended, startMuster } from './run-muster.ts';

const muster = join(import.meta.dirname, '..', '..', '..', 'bin', 'muster');

/** A real server with agents of its own, as processes of this machine, and the command that speaks to it. */
export class DemoServer {
  readonly folder: string;
  readonly #child: ChildProcess;

  private constructor(folder: string, child: ChildProcess) {
    this.folder = folder;
    this.#child = child;
  }

  /** Resolves when all its nodes are good. `settings` are variables of the server's configuration. */
  static async start(agents: number, settings: NodeJS.ProcessEnv = {}): Promise<DemoServer> {
    const folder = await reachableFolder();
    const env = {
      ...process.env,
      ...settings,
      MUSTER_DATA_DIR: join(folder, '.muster'),
      MUSTER_HTTP_PORT: String(await closedPort()),
      MUSTER_AGENTS_PORT: String(await closedPort()),
    };
    const child = spawn(muster, ['up', '--demo', String(agents)], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    await new Promise<void>((resolve, reject) => {
      let said = '';
      const note = (text: string) => {
        said += text;
        if (said.includes('Ctrl-C stops everything')) resolve();
      };
      child.stdout.setEncoding('utf8').on('data', note);
      child.stderr.setEncoding('utf8').on('data', note);
      child.once('close', () => reject(new Error(said)));
    });
    return new DemoServer(folder, child);
  }

  /** Runs a command in the folder of the server, which is how it finds it. */
  run(...args: string[]): Promise<Ended> {
    return startMuster(args, '', { cwd: this.folder });
  }

  /** What a command answers to a program. */
  async json<T>(...args: string[]): Promise<T> {
    const { code, stdout, stderr } = await this.run(...args, '-o', 'json');
    if (code !== 0) throw new Error(stderr);
    return JSON.parse(stdout) as T;
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('close', resolve));
    this.#child.kill('SIGINT');
    await ended;
    rmSync(this.folder, { recursive: true, force: true });
  }
}
