import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { CliError } from '../cli-error.ts';

const run = promisify(execFile);

/** Runs tar(1) with these arguments; what it printed. @throws CliError with what it said, after `doing` */
export async function runTar(words: readonly string[], doing: string): Promise<string> {
  try {
    return (await run('tar', [...words], { maxBuffer: 64 * 1024 * 1024, env: { ...process.env, LC_ALL: 'C' } })).stdout;
  } catch (error) {
    const said = (error as { stderr?: string }).stderr?.trim().split('\n')[0] ?? '';
    throw new CliError(`${doing} failed: ${said === '' ? (error instanceof Error ? error.message : String(error)) : said}`, 1, {
      cause: error,
    });
  }
}
