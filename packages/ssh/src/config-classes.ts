import { readFile } from 'node:fs/promises';

/** Tells which hosts OpenSSH's configuration treats alike: those with the same text. Undefined: this one must be asked about by itself. */
export type ClassOf = (address: string) => string | undefined;

/** Options whose tokens (`%h`) nobody reads here. */
const UNREAD = new Set(['controlpath', 'localcommand', 'remotecommand', 'knownhostscommand']);

/**
 * Reads which parts of configuration files depend on the name of a host. Only `Host` lines are followed; where anything else might tell two
 * hosts apart (`Match`, tokens, canonical names) there are no classes, and OpenSSH is asked about each host. Undefined then, and for files
 * that cannot be read.
 */
export async function classesOf(files: readonly string[]): Promise<ClassOf | undefined> {
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8'))).catch(() => undefined);
  const lines = texts?.flatMap((text) => text.split('\n')).map(readLine);
  if (lines === undefined || lines.some(dependsOtherwise)) {
    return undefined;
  }
  const patterns = lines.filter(({ keyword }) => keyword === 'host').flatMap(({ value }) => patternsOf(value));
  const names = new Set(lines.filter(({ keyword }) => keyword === 'hostname').map(({ value }) => value.toLowerCase()));
  // A host that is somebody's HostName: the answer would not tell whether its name was given or its own.
  return (address) =>
    address !== address.toLowerCase() || names.has(address) ? undefined : patterns.map((one) => (one.test(address) ? '1' : '0')).join('');
}

/** Whether arguments for `ssh` leave the files alone to tell hosts apart, and let it say which files it reads. */
export function areSharable(words: readonly string[]): boolean {
  return !words.some(
    (word) => word.includes('%') || /^-\w*q|^(?:-o)?\s*(?:host|hostname|match|include|loglevel|canonical\w*)(?:[\s=]|$)/iu.test(word),
  );
}

type Line = { readonly keyword: string; readonly value: string };

function readLine(line: string): Line {
  const [, keyword = '', value = ''] = /^\s*([^\s=]+)(?:\s*=\s*|\s+)(.*?)\s*$/u.exec(line) ?? [];
  return { keyword: keyword.toLowerCase(), value: value.replaceAll('"', '') };
}

function dependsOtherwise({ keyword, value }: Line): boolean {
  if (keyword.startsWith('#') || UNREAD.has(keyword)) {
    return false;
  }
  if (keyword === 'match') {
    return value.toLowerCase() !== 'all';
  }
  return value.includes('%') || (keyword === 'canonicalizehostname' && value.toLowerCase() !== 'no');
}

/** A `!` before a pattern changes what a match means, not what matches. */
function patternsOf(value: string): RegExp[] {
  return value.split(/[\s,]+/u).map((pattern) => {
    const source = pattern.replace(/^!/u, '').replaceAll(/[\\^$.|+()[\]{}]/gu, String.raw`\$&`);
    return new RegExp(`^${source.replaceAll('*', '.*').replaceAll('?', '.')}$`, 'u');
  });
}
