import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { CliError } from '../cli-error.ts';

const Context = z.object({
  /** Scheme, host and port of the server. */
  url: z.string(),
  /** The authority that was accepted, PEM; null where this machine trusts the server's certificate anyway, or none is used. */
  authorityPem: z.string().nullable(),
  /** Who signed in; null after a sign-out. */
  credential: z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('session'), cookie: z.string(), name: z.string() }),
      z.object({ kind: z.literal('key'), key: z.string(), name: z.string() }),
    ])
    .nullable(),
});
/** A server, how it is trusted, and who one is there. */
export type Context = z.infer<typeof Context>;

const Contexts = z.object({ current: z.string().nullable(), contexts: z.record(z.string(), Context) });
/** All servers somebody has signed in to, and the one in use. */
export type Contexts = z.infer<typeof Contexts>;

/** Where contexts are kept: a person's own folder of settings (XDG Base Directory Specification). */
export function contextFile(environment: Readonly<Record<string, string | undefined>>): string {
  const given = environment['XDG_CONFIG_HOME'];
  // The specification: what is not absolute is to be ignored.
  const folder = given?.startsWith('/') === true ? given : join(environment['HOME'] ?? homedir(), '.config');
  return join(folder, 'muster', 'contexts.json');
}

/** The contexts; none where there is no file. @throws CliError when others may read it, or it cannot be read */
export async function readContexts(path: string): Promise<Contexts> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return { current: null, contexts: {} };
  if ((found.mode & 0o077) !== 0)
    throw new CliError(
      `${path} holds what you sign in with, and others may read it. Run: chmod 600 ${path} (and sign in again if somebody did).`,
    );
  try {
    return Contexts.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    throw new CliError(`${path} cannot be read as Muster's contexts. Correct it, or remove it and sign in again.`, 1, { cause });
  }
}

/** Writes the contexts: whole or not at all, for its owner only. */
export async function writeContexts(path: string, contexts: Contexts): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const fresh = `${path}.${randomUUID()}`;
  try {
    const file = await open(fresh, 'wx', 0o600);
    try {
      await file.writeFile(`${JSON.stringify(contexts, null, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(fresh, path);
  } catch (cause) {
    await rm(fresh, { force: true });
    throw new CliError(`${path} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}.`, 1, { cause });
  }
}

/** The context of this name. @throws CliError naming those there are */
export function contextNamed({ contexts }: Contexts, name: string): Context {
  const found = Object.hasOwn(contexts, name) ? contexts[name] : undefined;
  if (found !== undefined) return found;
  const names = Object.keys(contexts).join(', ');
  throw new CliError(`There is no context ${name}. ${names === '' ? 'Make one with "muster login URL".' : `There are: ${names}.`}`);
}
