import { EnvironmentError } from '../environment-error.ts';

const maxPathBytes = 4000;
const maxPartBytes = 255;

const shown = (text: string): string => JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}...` : text);

/**
 * The path of an entry as parts below the folder that is unpacked to; none for that folder itself.
 * @throws EnvironmentError for whatever would lead out of it, or is too long for a disk
 */
export function entryParts(path: string): string[] {
  if (path.startsWith('/')) throw refuse(`has the absolute path ${shown(path)}`);
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw refuse(`has a path that leads out of it, ${shown(path)}`);
  check(path, parts);
  return parts;
}

/**
 * Where a symbolic link leads, written so that it stays inside whatever other links there are: first the steps up from its folder,
 * which is a real one, then only steps down. Each step down may be a link itself, which was checked in the same way.
 * @throws EnvironmentError for a target outside
 */
export function linkTarget(parts: readonly string[], target: string): string {
  if (target === '') throw refuse(`has a link without a target, ${shown(parts.join('/'))}`);
  if (target.startsWith('/'))
    throw refuse(`has a link to the absolute path ${shown(target)} (${shown(parts.join('/'))}); only links inside the archive are taken`);
  const down: string[] = [];
  let up = 0;
  for (const part of target.split('/').filter((one) => one !== '' && one !== '.')) {
    if (part !== '..') down.push(part);
    else if (down.pop() === undefined) up += 1;
  }
  if (up > parts.length - 1) throw refuse(`has a link that leads out of it, ${shown(parts.join('/'))} to ${shown(target)}`);
  check(target, down);
  return [...Array.from({ length: up }, () => '..'), ...down].join('/') || '.';
}

function check(path: string, parts: readonly string[]): void {
  if (path.includes('\0')) throw refuse(`has a name with a NUL in it, ${shown(path)}`);
  if (Buffer.byteLength(path) > maxPathBytes || parts.some((part) => Buffer.byteLength(part) > maxPartBytes))
    throw refuse(`has a name that is too long, ${shown(path)}`);
}

export const refuse = (what: string): EnvironmentError => new EnvironmentError('definition', `The archive is refused: it ${what}.`);
