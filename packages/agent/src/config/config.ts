import { readFile } from 'node:fs/promises';
import { AgentError, messageOf, systemCodeOf } from '../agent-error.ts';
import { parseServerAddress } from '../connection/server-address.ts';
import { logLevels, type LogLevel } from '../log.ts';
import { problemOfUnitName } from './unit-name.ts';

/** What the administrator of the node says: /etc/muster/agent.json. */
export type AgentConfig = {
  /** Names and patterns of systemd units to watch. */
  readonly watch: readonly string[];
  /** `host:port` of the servers to use instead of those the servers themselves announce. */
  readonly servers?: readonly string[];
  readonly logLevel: LogLevel;
  /** Reported as the host name, where several agents share a machine and one name would be wrong for all but one. */
  readonly hostname?: string;
};

const defaultConfigPath = '/etc/muster/agent.json';
const maxWatched = 256;
const knownKeys = ['watch', 'servers', 'logLevel', 'hostname'];

/**
 * Reads the configuration. A file that is not there means the defaults, unless the caller named it.
 * Throws an `AgentError` (`usage`) that names the file and what to mend.
 */
export async function readConfig(path: string | undefined): Promise<AgentConfig> {
  const file = path ?? defaultConfigPath;
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT' && path === undefined) return parseConfig('{}', file);
    throw new AgentError('usage', `Cannot read the configuration ${file}: ${messageOf(error)}`, error);
  }
  return parseConfig(text, file);
}

/** The configuration in a text; `file` is for the messages. */
export function parseConfig(text: string, file: string): AgentConfig {
  const fail = (what: string): never => {
    throw new AgentError('usage', `The configuration ${file} ${what}`);
  };
  const fields = parseObject(text, fail);
  for (const key of Object.keys(fields)) {
    if (!knownKeys.includes(key)) fail(`has an unknown key "${key.slice(0, 60)}"; known are ${knownKeys.join(', ')}`);
  }
  const watch = listOfTexts(fields['watch'] ?? [], 'watch', fail);
  if (watch.length > maxWatched) fail(`watches ${watch.length} units; at most ${maxWatched} names and patterns are allowed`);
  for (const name of watch) {
    const problem = problemOfUnitName(name);
    if (problem !== undefined) fail(`watches ${JSON.stringify(name.slice(0, 80))}, which ${problem}`);
  }
  const logLevel = logLevels.find((one) => one === (fields['logLevel'] ?? 'info'));
  if (logLevel === undefined) return fail(`has a logLevel other than ${logLevels.join(', ')}`);
  const hostname = readHostname(fields['hostname'], fail);
  const base = { watch: [...new Set(watch)], logLevel, ...(hostname === undefined ? {} : { hostname }) };
  return fields['servers'] === undefined ? base : { ...base, servers: parseServers(fields['servers'], fail) };
}

function parseObject(text: string, fail: (what: string) => never): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return fail(`is not JSON: ${messageOf(error)}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return fail('must hold one JSON object');
  return { ...value };
}

function listOfTexts(value: unknown, key: string, fail: (what: string) => never): readonly string[] {
  if (!Array.isArray(value) || !value.every((one): one is string => typeof one === 'string'))
    return fail(`must have a list of texts as "${key}"`);
  return value;
}

function readHostname(value: unknown, fail: (what: string) => never): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && /^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/u.test(value)) return value;
  return fail('has a "hostname" that is not a host name');
}

function parseServers(value: unknown, fail: (what: string) => never): readonly string[] {
  const servers = listOfTexts(value, 'servers', fail);
  if (servers.length === 0) fail('has an empty list of servers; leave "servers" out to use those the server announces');
  for (const server of servers) {
    if (parseServerAddress(server) === undefined) fail(`names the server ${JSON.stringify(server.slice(0, 80))}, which is not host:port`);
  }
  return servers;
}
