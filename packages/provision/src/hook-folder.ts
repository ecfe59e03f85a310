import { spawn } from 'node:child_process';
import { access, constants, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { HookMoment, Hooks } from './engine/hooks.ts';
import { ProvisionError } from './provision-error.ts';

const fileOf = (when: HookMoment['when'], phase?: string): string => (phase === undefined ? when : `${when}-${phase}`);

/** How much of what a hook says is told when it fails. */
const keptCharacters = 2000;

/**
 * The hooks of a folder: programs called `before`, `after`, `before-PHASE` and `after-PHASE`.
 * @throws ProvisionError for a folder that cannot be read, a name of no phase, and a hook that cannot be executed
 */
export async function readHooks(path: string, phases: readonly string[]): Promise<Hooks> {
  const folder = resolve(path);
  const names = await readdir(folder).catch((error: unknown) => {
    throw new ProvisionError(`The folder of hooks ${path} cannot be read: ${String(error)}`);
  });
  const known = new Set(['before', 'after', ...phases.flatMap((phase) => [fileOf('before', phase), fileOf('after', phase)])]);
  const hooks = names.filter((name) => /^(?:before|after)(?:-|$)/u.test(name));
  const strange = hooks.find((name) => !known.has(name));
  if (strange !== undefined) throw new ProvisionError(`${join(path, strange)} is a hook of no phase. The phases are ${phases.join(', ')}.`);
  for (const name of hooks) {
    await access(join(folder, name), constants.X_OK).catch(() => {
      throw new ProvisionError(`The hook ${join(path, name)} cannot be executed: chmod +x it.`);
    });
  }
  return {
    has: (when, phase) => hooks.includes(fileOf(when, phase)),
    call: (moment, signal) => callHook(join(folder, fileOf(moment.when, moment.phase)), moment, signal),
  };
}

/** Its words are told when it fails, and go nowhere else: many hosts at once would mix them. */
async function callHook(file: string, { when, phase, host, result }: HookMoment, signal: AbortSignal): Promise<void> {
  const env = {
    ...process.env,
    MUSTER_WHEN: when,
    MUSTER_PHASE: phase ?? '',
    MUSTER_HOST: host.name,
    MUSTER_ADDRESS: host.connection.address,
    MUSTER_GROUPS: host.groups.join(','),
    MUSTER_RESULT: result ?? '',
  };
  const child = spawn(file, [], { env, stdio: ['ignore', 'pipe', 'pipe'], signal });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-keptCharacters);
    });
  }
  const code = await new Promise<number | string | null>((done) => {
    child.on('error', (error) => done(error.message)).on('close', (status, name) => done(status ?? name));
  });
  if (code === 0) return;
  const tail = said.trim().split('\n').slice(-5).join('\n');
  throw new ProvisionError(`The hook ${file} failed (${String(code)})${tail === '' ? ' and said nothing' : `: ${tail}`}`, {
    command: file,
  });
}
