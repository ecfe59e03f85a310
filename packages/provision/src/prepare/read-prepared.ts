import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type InventoryValue, textOf } from '@muster/core';
import type { ClusterHost } from '../host/cluster.ts';
import { listVariable, rawVariable, readFlag } from '../host/variables.ts';
import { ProvisionError } from '../provision-error.ts';
import type { Prepared, PreparedFile, PreparedService, PreparedSysctl } from './prepared.ts';

const isMap = (value: InventoryValue | undefined): value is ReadonlyMap<string, InventoryValue> => value instanceof Map;
const isList = (value: InventoryValue | undefined): value is readonly InventoryValue[] => Array.isArray(value);

/** Later than /etc/sysctl.d/99-sysctl.conf, which is /etc/sysctl.conf. */
const sysctlFile = '/etc/sysctl.d/99-z-muster.conf';
const modulesFile = '/etc/modules-load.d/muster.conf';
const bootFileHead = '# Written by "muster apply" from the inventory; changes here are lost.\n';

/** Refuses a value, naming host and variable. */
type Refuse = (why: string) => never;

/**
 * What the inventory says a host should have; nothing of it has been tried. `folder` is what a `source` is relative to.
 * @throws ProvisionError for a value that makes no sense, with host and variable
 */
export async function readPrepared(host: ClusterHost, folder: string): Promise<Prepared> {
  const refuse =
    (variable: string): Refuse =>
    (why) => {
      throw new ProvisionError(`${host.name}: ${variable}: ${why}.`);
    };
  const sysctls = readSysctls(rawVariable(host, 'host_sysctls'), refuse('host_sysctls'));
  const modules = namesOf(host, 'host_modules', /^[A-Za-z0-9][\w-]*$/u, refuse('host_modules'));
  const files = await readFiles(rawVariable(host, 'host_files'), folder, refuse('host_files'));
  const sysctlLines = sysctls.map(({ path, value }) => `${path} = ${value}\n`);
  return {
    packages: namesOf(host, 'host_packages', /^[a-z0-9][a-z0-9+.-]+(?::[a-z0-9]+)?$/u, refuse('host_packages')),
    files: [
      ...files,
      ...bootFile(sysctlFile, sysctlLines),
      ...bootFile(
        modulesFile,
        modules.map((name) => `${name}\n`),
      ),
    ],
    services: readServices(rawVariable(host, 'host_services'), refuse('host_services')),
    sysctls,
    modules,
  };
}

function bootFile(path: string, lines: readonly string[]): PreparedFile[] {
  const content = Buffer.from(bootFileHead + lines.join(''));
  return lines.length === 0 ? [] : [{ path, content, mode: '644', owner: 'root', group: 'root', restarts: [] }];
}

function namesOf(host: ClusterHost, variable: string, pattern: RegExp, refuse: Refuse): string[] {
  if (isMap(rawVariable(host, variable))) refuse('must be a list, or text with commas');
  const names = listVariable(host, variable) ?? [];
  const wrong = names.find((name) => !pattern.test(name));
  if (wrong !== undefined) refuse(`"${wrong}" is not a name`);
  return [...new Set(names)];
}

/** The entries of a list of maps, each with only the keys that are known. */
function entriesOf(value: InventoryValue | undefined, keys: readonly string[], refuse: Refuse): ReadonlyMap<string, InventoryValue>[] {
  if (value === undefined || value === null || value === '') return [];
  if (!isList(value)) return refuse('must be a list');
  return value.map((entry, index) => {
    if (!isMap(entry)) return refuse(`entry ${index + 1} must be a map of ${keys.join(', ')}`);
    const strange = [...entry.keys()].find((key) => !keys.includes(key));
    return strange === undefined ? entry : refuse(`entry ${index + 1} has the key "${strange}"; there are ${keys.join(', ')}`);
  });
}

async function readFiles(value: InventoryValue | undefined, folder: string, refuse: Refuse): Promise<PreparedFile[]> {
  const entries = entriesOf(value, ['path', 'content', 'source', 'mode', 'owner', 'group', 'restarts'], refuse);
  const files = await Promise.all(entries.map((entry) => readFileEntry(entry, folder, refuse)));
  const twice = files.find(({ path }, index) => files.findIndex((other) => other.path === path) !== index);
  if (twice !== undefined) refuse(`${twice.path} is there twice`);
  return files;
}

async function readFileEntry(entry: ReadonlyMap<string, InventoryValue>, folder: string, refuse: Refuse): Promise<PreparedFile> {
  const path = textOf(entry.get('path')) ?? '';
  if (!/^(?:\/[^\p{Cc}\\/]+)+$/u.test(path) || /\/\.\.?(?:\/|$)/u.test(path))
    refuse(`"${path}" is not an absolute path without . and .. of a file`);
  return {
    path,
    content: await contentOf(entry, folder, (why) => refuse(`${path}: ${why}`)),
    mode: modeOf(entry.get('mode'), (why) => refuse(`${path}: ${why}`)),
    owner: accountOf(entry.get('owner'), 'owner', (why) => refuse(`${path}: ${why}`)),
    group: accountOf(entry.get('group'), 'group', (why) => refuse(`${path}: ${why}`)),
    restarts: restartsOf(entry.get('restarts'), (why) => refuse(`${path}: ${why}`)),
  };
}

async function contentOf(entry: ReadonlyMap<string, InventoryValue>, folder: string, refuse: Refuse): Promise<Buffer> {
  const [content, source] = [textOf(entry.get('content')), textOf(entry.get('source'))];
  if (content !== undefined && source === undefined) return Buffer.from(content);
  if (source === undefined || source === '' || content !== undefined) return refuse('needs either content (text) or source (a file)');
  const file = resolve(folder, source);
  return readFile(file).catch((error: unknown) => refuse(`its source ${file} cannot be read (${String(error)})`));
}

/** A number is refused: nobody can see whether 644 was meant as octal. */
function modeOf(value: InventoryValue | undefined, refuse: Refuse): string {
  if (value === undefined || value === null) return '644';
  if (typeof value !== 'string' || !/^0?[0-7]{3,4}$/u.test(value)) return refuse("mode must be octal digits in quotes, such as '0644'");
  return value.replace(/^0+(?=.)/u, '');
}

function accountOf(value: InventoryValue | undefined, key: string, refuse: Refuse): string {
  if (value === undefined || value === null) return 'root';
  const text = textOf(value) ?? '';
  return /^(?:[A-Za-z_][\w.-]*|\d+)$/u.test(text) ? text : refuse(`${key} "${text}" is no name of an account`);
}

function restartsOf(value: InventoryValue | undefined, refuse: Refuse): string[] {
  if (value === undefined || value === null) return [];
  const texts = isList(value) ? value.map((one) => textOf(one) ?? '') : (textOf(value) ?? '').split(',');
  return texts.map((text) => unitOf(text.trim(), refuse));
}

function unitOf(text: string, refuse: Refuse): string {
  if (!/^[A-Za-z0-9][\w@:.-]*$/u.test(text)) return refuse(`"${text}" is not the name of a unit`);
  return /\.(?:service|socket|timer|path|mount|target)$/u.test(text) ? text : `${text}.service`;
}

function readServices(value: InventoryValue | undefined, refuse: Refuse): PreparedService[] {
  const services = entriesOf(value, ['name', 'state', 'enabled'], refuse).map((entry): PreparedService => {
    const unit = unitOf(textOf(entry.get('name')) ?? '', refuse);
    const [state, enabled] = [textOf(entry.get('state')), textOf(entry.get('enabled'))];
    if (state !== undefined && state !== 'started' && state !== 'stopped') return refuse(`${unit}: state must be started or stopped`);
    const flag = enabled === undefined ? undefined : readFlag(enabled);
    if (enabled !== undefined && flag === undefined) refuse(`${unit}: enabled must be yes or no`);
    if (state === undefined && flag === undefined) refuse(`${unit}: needs state, enabled or both`);
    return { unit, state, enabled: flag };
  });
  const twice = services.find(({ unit }, index) => services.findIndex((other) => other.unit === unit) !== index);
  if (twice !== undefined) refuse(`${twice.unit} is there twice`);
  return services;
}

function readSysctls(value: InventoryValue | undefined, refuse: Refuse): PreparedSysctl[] {
  if (value === undefined || value === null || value === '') return [];
  if (!isMap(value)) return refuse('must be a map of names and values');
  return [...value].map(([name, one]) => {
    const path = name.includes('/') ? name : name.replaceAll('.', '/');
    if (!/^[A-Za-z0-9_][\w.@-]*(?:\/[A-Za-z0-9_][\w.@-]*)+$/u.test(path)) return refuse(`"${name}" is not the name of a kernel parameter`);
    const text = textOf(one) ?? '';
    if (text === '' || /[^\P{Cc}\t]/u.test(text)) return refuse(`${name} needs a value in one line`);
    return { path, value: text.trim().replaceAll(/\s+/gu, ' ') };
  });
}
