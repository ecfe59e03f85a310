import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A run as a program of its own: so a thousand SSH connections are not the server's, and neither is what goes wrong with them. */
export type RunProgram = {
  /** Starts it in the folder of the run; `onLine` is called with each line that it prints. */
  start(args: readonly string[], folder: string, onLine: (line: string) => void): RunningProgram;
};

export type RunningProgram = {
  /** How it ended, after its last line; never rejects. */
  readonly ended: Promise<ProgramEnd>;
  /** Asks it to finish what is under way and end. */
  interrupt(): void;
  /** Ends it at once. */
  kill(): void;
};

/** `said` is the end of what it wrote on standard error, or why it did not start. */
export type ProgramEnd = { readonly exitCode: number | null; readonly said: string };

/** Of standard error so much is kept. */
const keptCharacters = 4000;

/** The installed program at `path`, with an environment of its own: nothing of the server's goes along. */
export const installedProgram = (path: string): RunProgram => ({
  start: (args, folder, onLine) => {
    const env = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: folder, LANG: 'C.UTF-8' };
    const child = spawn(path, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-keptCharacters);
    });
    const lines = createInterface({ input: child.stdout });
    lines.on('line', onLine);
    const read = new Promise<void>((resolve) => lines.once('close', resolve));
    const closed = new Promise<ProgramEnd>((resolve) => {
      child.once('error', (error) => resolve({ exitCode: null, said: `${path} cannot be run: ${error.message}` }));
      child.once('close', (exitCode) => resolve({ exitCode, said: said.trim() }));
    });
    const ended = closed.then(async (end) => {
      await read;
      return end;
    });
    return { ended, interrupt: () => void child.kill('SIGINT'), kill: () => void child.kill('SIGKILL') };
  },
});
