import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { SecretPlace } from '@muster/core';

const timeoutSeconds = 60;
const known = new Map<string, string>();

/** Gets a secret that an inventory says the place of; a command runs once, in a shell, however many hosts need what it prints. Throws an Error that says why not. */
export function lookUpSecret({ kind, argument }: SecretPlace): string {
  const key = `${kind} ${argument}`;
  const found = known.get(key) ?? ways[kind](argument).replace(/\r?\n$/u, '');
  if (found === '') throw new Error('it is empty');
  known.set(key, found);
  return found;
}

const ways: Readonly<Record<SecretPlace['kind'], (argument: string) => string>> = {
  env: (name) => {
    const value = process.env[name];
    if (value === undefined) throw new Error(`the environment has no ${name}`);
    return value;
  },
  file: (path) => readFileSync(path, 'utf8'),
  pipe: (command) => {
    const { status, signal, error, stdout } = spawnSync('/bin/sh', ['-s'], {
      input: command,
      stdio: ['pipe', 'pipe', 'inherit'],
      timeout: timeoutSeconds * 1000,
      encoding: 'utf8',
    });
    if (error !== undefined) throw error;
    if (status !== 0) throw new Error(`"${command}" ended with ${signal ?? `exit status ${status}`}`);
    return stdout;
  },
};
