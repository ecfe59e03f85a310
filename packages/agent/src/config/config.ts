import { readFile } from 'node:fs/promises';
import { AgentError, messageOf, systemCodeOf } from '../agent-error.ts';
import { parseServerAddress } from '../connection/server-address.ts';
import { logLevels, type LogLevel } from '../log.ts';
import { problemOfServiceName, problemOfUnitName } from './unit-name.ts';

/** What the administrator of the node says: /etc/muster/agent.json. */
export type AgentConfig = {
  /** Names and patterns of systemd units to watch. */
  readonly watch: readonly string[];
  /** `host:port` of the servers to use instead of those the servers themselves announce. */
  readonly servers?: readonly string[];
  readonly logLevel: LogLevel;
  /** Units that wait for the certificate: `muster-agent enroll --start-services` starts them. */
  readonly startAfterEnrolment?: readonly string[];
  /** Reported as the host name, where several agents share a machine and one name would be wrong for all but one. */
  readonly hostname?: string;
  /** Where environments lie, where it is not the usual place. */
  readonly environmentsDir?: string;
  /** Whether environments are built as the user of the agent itself: for a trial, where no other user can reach their folder. */
  readonly buildAsSelf?: boolean;
};

const defaultConfigPath = '/etc/muster/agent.json';
const maxWatched = 256;
const knownKeys = ['watch', 'servers', 'logLevel', 'startAfterEnrolment', 'hostname', 'environmentsDir', 'buildAsSelf'];

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
  const watch = readWatch(fields['watch'] ?? [], fail);
  const logLevel = logLevels.find((one) => one === (fields['logLevel'] ?? 'info'));
  if (logLevel === undefined) return fail(`has a logLevel other than ${logLevels.join(', ')}`);
  const hostname = readHostname(fields['hostname'], fail);
  const buildAsSelf = fields['buildAsSelf'] ?? false;
  if (typeof buildAsSelf !== 'boolean') return fail('has a "buildAsSelf" that is neither true nor false');
  const environmentsDir = readFolder(fields['environmentsDir'], fail);
  const startAfterEnrolment = readStarted(fields['startAfterEnrolment'], fail);
  const servers = fields['servers'] === undefined ? undefined : parseServers(fields['servers'], fail);
  return {
    watch,
    logLevel,
    ...given({ startAfterEnrolment, hostname, environmentsDir, servers }),
    ...(buildAsSelf ? { buildAsSelf } : {}),
  };
}

/** Without the members that are undefined. */
function given(members: { readonly [K in keyof AgentConfig]?: AgentConfig[K] | undefined }): Partial<AgentConfig> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
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

/** The units to watch, each once. */
function readWatch(value: unknown, fail: (what: string) => never): readonly string[] {
  const watch = listOfTexts(value, 'watch', fail);
  if (watch.length > maxWatched) fail(`watches ${watch.length} units; at most ${maxWatched} names and patterns are allowed`);
  for (const name of watch) {
    const problem = problemOfUnitName(name);
    if (problem !== undefined) fail(`watches ${JSON.stringify(name.slice(0, 80))}, which ${problem}`);
  }
  return [...new Set(watch)];
}

/** The units to start, each once and in their order. */
function readStarted(value: unknown, fail: (what: string) => never): readonly string[] | undefined {
  if (value === undefined) return undefined;
  const units = listOfTexts(value, 'startAfterEnrolment', fail);
  if (units.length > maxWatched) fail(`starts ${units.length} units after enrolment; at most ${maxWatched} are allowed`);
  for (const unit of units) {
    const problem = problemOfServiceName(unit);
    if (problem !== undefined) fail(`starts ${JSON.stringify(unit.slice(0, 80))} after enrolment, which ${problem}`);
  }
  return [...new Set(units)];
}

function readHostname(value: unknown, fail: (what: string) => never): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && /^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/u.test(value)) return value;
  return fail('has a "hostname" that is not a host name');
}

/** A folder of its own by its whole path: what lies in there and is no environment may be removed. */
function readFolder(value: unknown, fail: (what: string) => never): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && isOwnFolder(value)) return value;
  return fail('has an "environmentsDir" that is not the whole path of a folder below another one, such as /data/environments');
}

function isOwnFolder(path: string): boolean {
  const [root, ...parts] = path.split('/');
  return root === '' && parts.length >= 2 && parts.every((part) => part !== '' && part !== '.' && part !== '..' && !/\p{Cc}/u.test(part));
}

function parseServers(value: unknown, fail: (what: string) => never): readonly string[] {
  const servers = listOfTexts(value, 'servers', fail);
  if (servers.length === 0) fail('has an empty list of servers; leave "servers" out to use those the server announces');
  for (const server of servers) {
    if (parseServerAddress(server) === undefined) fail(`names the server ${JSON.stringify(server.slice(0, 80))}, which is not host:port`);
  }
  return servers;
}
