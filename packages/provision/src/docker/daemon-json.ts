import { type InventoryValue, textOf } from '@muster/core';
import type { Change } from '../engine/phase.ts';
import type { ClusterHost } from '../host/cluster.ts';
import type { ManagedFile } from '../host/managed-file.ts';
import { ProvisionError } from '../provision-error.ts';

/** A value of JSON, and a map of such. */
type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export type JsonObject = { readonly [key: string]: Json };

export const daemonJsonPath = '/etc/docker/daemon.json';

/** Lines of script that print what `readDaemonFile` reads. */
export const observeDaemonJson = `
printf 'daemon_json=%s\\n' "$(base64 -w 0 ${daemonJsonPath} 2>/dev/null)"
printf 'daemon_attributes=%s\\n' "$(stat -L -c '%a %u:%g' ${daemonJsonPath} 2>/dev/null)"
`;

/** What a host has at /etc/docker/daemon.json: its text, empty without one, and whose it is. */
export type DaemonFile = { readonly text: string; readonly mode: number; readonly owner: string };

/** Reads what the script printed. A file that is not there is going to be root's, and readable to all. Pure. */
export function readDaemonFile(lines: ReadonlyMap<string, string>): DaemonFile {
  const [mode = '', owner = ''] = (lines.get('daemon_attributes') ?? '').split(' ');
  return {
    text: Buffer.from(lines.get('daemon_json') ?? '', 'base64').toString(),
    ...(/^[0-7]{3,4}$/u.test(mode) && /^\d+:\d+$/u.test(owner) ? { mode: parseInt(mode, 8), owner } : { mode: 0o644, owner: 'root:root' }),
  };
}

/** The change that a new text is, with the keys that change and no others: a file that is closed to others may hold secrets. Pure. */
export function daemonChange(before: DaemonFile, after: string): Change {
  const [known, merged] = [parse(before.text), parse(after)];
  const changed = Object.entries(isObject(merged) ? merged : {}).filter(
    ([key, value]) => !same(isObject(known) ? known[key] : undefined, value),
  );
  return { what: `write ${daemonJsonPath}`, content: `${JSON.stringify(Object.fromEntries(changed), null, 2)}\n` };
}

/** The file with a new text, mode and owner as they were. Pure. */
export const keptDaemonFile = ({ mode, owner }: DaemonFile, content: string): ManagedFile => ({
  path: daemonJsonPath,
  content,
  mode,
  owner,
});

const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Docker's configuration with the wanted keys in it: maps are joined, every other key stays as somebody has set it. Undefined when nothing
 * would change, so that a file that says the same in other words is left alone. Pure.
 * @throws ProvisionError when the file that is there is no JSON object
 */
export function mergedDaemonJson(hostName: string, before: string, wanted: JsonObject): string | undefined {
  const known = before.trim() === '' ? {} : parse(before);
  if (!isObject(known)) {
    throw new ProvisionError(
      `${hostName} has a ${daemonJsonPath} that is not a JSON object, so Docker cannot read it. Mend it, or move it away.`,
    );
  }
  const merged = join(known, wanted);
  return same(known, merged) ? undefined : `${JSON.stringify(merged, null, 2)}\n`;
}

/** Reads `docker_daemon`, a map of the inventory or JSON text. @throws ProvisionError when it is neither */
export function readDaemonKeys(host: ClusterHost, given: InventoryValue): JsonObject {
  const value = typeof given === 'string' ? parse(given) : jsonOf(given);
  if (isObject(value)) return value;
  throw new ProvisionError(`${host.name}: docker_daemon is not a JSON object such as '{"log-driver": "local"}'.`);
}

/** Everything of an inventory that JSON has a word for; other values as their text. */
function jsonOf(value: InventoryValue): Json {
  if (isMap(value)) return Object.fromEntries([...value].map(([key, one]) => [key, jsonOf(one)] as const));
  if (isList(value)) return value.map((one) => jsonOf(one));
  if (value === null || typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string') return value;
  return textOf(value) ?? null;
}

const isMap = (value: InventoryValue): value is ReadonlyMap<string, InventoryValue> => value instanceof Map;

/** `Array.isArray` forgets what a read-only list holds. */
const isList = (value: InventoryValue): value is readonly InventoryValue[] => Array.isArray(value);

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function join(known: JsonObject, wanted: JsonObject): JsonObject {
  const added = Object.entries(wanted).map(([key, value]) => {
    const before = known[key];
    return [key, isObject(before) && isObject(value) ? join(before, value) : value] as const;
  });
  return { ...known, ...Object.fromEntries(added) };
}

/** Whether two values say the same, whatever the order of their keys. */
function same(one: Json | undefined, other: Json | undefined): boolean {
  if (isObject(one) && isObject(other)) {
    const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
    return [...keys].every((key) => same(one[key], other[key]));
  }
  return JSON.stringify(one) === JSON.stringify(other);
}
