import { readFile } from 'node:fs/promises';
import { CliError } from '../cli-error.ts';
import { findSocket } from '../client/find-socket.ts';
import type { RemoteWay, Way } from '../client/way.ts';
import { type Context, contextFile, contextNamed, readContexts } from './context-file.ts';
import { authorityOf } from './server-authority.ts';
import { serverUrl } from './server-url.ts';

export type WayOptions = { readonly socket?: string; readonly context?: string };
type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The server a command is meant for. In this order: `--socket`, `--context`, MUSTER_SOCKET, MUSTER_URL, MUSTER_CONTEXT, the context in use, and
 * else the socket of a server on this machine. What is named and not there is an error, never a reason to take the next.
 * @throws CliError
 */
export async function findWay({ socket, context }: WayOptions, environment: Environment): Promise<Way> {
  if (socket !== undefined && context !== undefined)
    throw new CliError('Give --socket or --context, not both: they name different servers.', 2);
  if (socket !== undefined) return socketWay(socket);
  if (context !== undefined) return namedWay(context, environment);
  const { MUSTER_SOCKET: socketPath, MUSTER_URL: url, MUSTER_CONTEXT: name } = environment;
  if (isSet(socketPath)) return socketWay(socketPath);
  if (isSet(url)) return wayOfVariables(url, environment);
  if (isSet(name)) return namedWay(name, environment);
  const contexts = await readContexts(contextFile(environment));
  return contexts.current === null ? socketWay(undefined) : wayOfContext(contexts.current, contextNamed(contexts, contexts.current));
}

const isSet = (text: string | undefined): text is string => text !== undefined && text !== '';
const socketWay = (path: string | undefined): Way => ({ kind: 'socket', socketPath: findSocket(path) });

async function namedWay(name: string, environment: Environment): Promise<Way> {
  return wayOfContext(name, contextNamed(await readContexts(contextFile(environment)), name));
}

/** The way of a context. @throws CliError when nobody is signed in there */
export function wayOfContext(name: string, { url, authorityPem, credential }: Context): RemoteWay {
  if (credential === null) throw new CliError(`Nobody is signed in to ${url} (context ${name}). Run: muster login ${url} --name ${name}`);
  const headers: Record<string, string> =
    credential.kind === 'key' ? { authorization: `Bearer ${credential.key}` } : { cookie: credential.cookie };
  return { kind: 'remote', url, authorityPem: authorityPem ?? undefined, headers };
}

/** For scripts, which have no contexts: everything by variables. */
async function wayOfVariables(given: string, environment: Environment): Promise<RemoteWay> {
  const url = serverUrl(given);
  const { MUSTER_CA_FINGERPRINT: fingerprint } = environment;
  const headers = { authorization: `Bearer ${await keyOfVariables(environment)}` };
  const authorityPem = isSet(fingerprint) ? (await authorityOf(url, fingerprint)).pem : undefined;
  return { kind: 'remote', url, authorityPem, headers };
}

async function keyOfVariables({ MUSTER_API_KEY: key, MUSTER_API_KEY_FILE: path }: Environment): Promise<string> {
  if (isSet(key)) return key.trim();
  if (isSet(path)) return readKeyFile(path);
  throw new CliError(
    'MUSTER_URL names a server, and nothing says who you are there: set MUSTER_API_KEY_FILE or MUSTER_API_KEY, or run "muster login".',
  );
}

/** The key in a file. @throws CliError */
export async function readKeyFile(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new CliError(`The key cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`, 1, { cause });
  });
  const key = text.trim();
  if (!/^[\x21-\x7E]+$/u.test(key)) throw new CliError(`${path} does not hold an API key: it should be one word on one line.`);
  return key;
}
