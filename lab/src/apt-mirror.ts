import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { LabError } from './errors.ts';

/** One archive a machine's apt uses. */
export interface AptSource {
  uri: string;
  suites: readonly string[];
  components: readonly string[];
}

function words(value: string | undefined): string[] {
  return (value ?? '').split(/\s+/).filter((word) => word !== '');
}

/** Reads one-line sources (`deb [options] URI SUITE COMPONENT...`, sources.list(5)). */
export function parseListSources(text: string): AptSource[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)([^#]*)/.exec(line);
    return match?.[1] === undefined || match[2] === undefined ? [] : [{ uri: match[1], suites: [match[2]], components: words(match[3]) }];
  });
}

/** Reads deb822 sources (stanzas with `Types:`, `URIs:`, `Suites:`, `Components:`, sources.list(5)). */
export function parseDeb822Sources(text: string): AptSource[] {
  const withoutComments = text.replaceAll(/^#.*\n?/gm, '');
  return withoutComments.split(/\n\s*\n/).flatMap((stanza) => {
    const fields = new Map<string, string>();
    for (const [, name, value] of stanza.matchAll(/^([A-Za-z-]+):((?:.*)(?:\n[ \t].*)*)/gm)) {
      if (name !== undefined && value !== undefined) fields.set(name.toLowerCase(), value);
    }
    if (!words(fields.get('types')).includes('deb') || /^\s*no/i.test(fields.get('enabled') ?? '')) return [];
    const suites = words(fields.get('suites'));
    return words(fields.get('uris')).map((uri) => ({ uri, suites, components: words(fields.get('components')) }));
  });
}

/**
 * Which archive to build the image from: one that carries the wanted suite's main part, else any that
 * looks like a Debian archive of another suite. Throws a LabError when the machine's apt names neither.
 */
export function chooseMirror(sources: readonly AptSource[], suite: string): string {
  const plain = sources.filter((source) => /^https?:/.test(source.uri) && source.components.includes('main'));
  const exact = plain.find((source) => source.suites.includes(suite));
  const debian = plain.find((source) => /\/debian\/?$/.test(source.uri));
  const chosen = exact ?? debian;
  if (chosen !== undefined) return chosen.uri;
  throw new LabError("this machine's apt names no Debian archive to build the image from", {
    advice: 'add one with the component main to /etc/apt/sources.list',
  });
}

/** Reads all sources of a machine's apt (`/etc/apt` by default). */
export function readAptSources(folder = '/etc/apt'): AptSource[] {
  const parts = join(folder, 'sources.list.d');
  const names = existsSync(parts) ? readdirSync(parts).toSorted() : [];
  const paths = [join(folder, 'sources.list'), ...names.map((name) => join(parts, name))];
  return paths
    .filter((path) => existsSync(path))
    .flatMap((path) => {
      const text = readFileSync(path, 'utf8');
      if (path.endsWith('.sources')) return parseDeb822Sources(text);
      return path.endsWith('.list') ? parseListSources(text) : [];
    });
}
