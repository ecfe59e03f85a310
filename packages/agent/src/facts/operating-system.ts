import type { Facts } from '@muster/api/agent';
import { boundedText } from './bounded-text.ts';
import type { FactSources } from './sources.ts';

/** Name and version of the distribution, after os-release(5). */
export async function readOperatingSystem(sources: Pick<FactSources, 'read'>): Promise<Facts['os']> {
  const text = (await sources.read('/etc/os-release')) ?? (await sources.read('/usr/lib/os-release')) ?? '';
  const values = new Map(text.split('\n').flatMap(parseAssignment));
  const id = values.get('ID') ?? 'linux';
  const version = values.get('VERSION_ID') ?? '';
  return {
    id: boundedText(id, 64),
    version: boundedText(version, 64),
    name: boundedText(values.get('PRETTY_NAME') ?? `${id} ${version}`, 200),
  };
}

/** One `NAME=value` line with the quoting that os-release(5) allows. */
function parseAssignment(line: string): [string, string][] {
  const match = /^([A-Z][A-Z0-9_]*)=(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^\s"']*))\s*$/u.exec(line);
  if (match?.[1] === undefined) return [];
  const value = match[2]?.replaceAll(/\\(.)/gu, '$1') ?? match[3] ?? match[4] ?? '';
  return [[match[1], value]];
}
