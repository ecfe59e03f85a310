import { createHash } from 'node:crypto';
import { shellQuoteAll } from '@muster/ssh';
import { readLines } from '../host/run-script.ts';
import type { Prepared } from './prepared.ts';

/** What a host has of what it should have. */
export type Seen = {
  /** Hash of the content; missing for what is no file. */
  readonly hashes: ReadonlyMap<string, string>;
  readonly files: ReadonlyMap<
    string,
    { readonly mode: string; readonly owners: readonly string[]; readonly groups: readonly string[]; readonly kind: string }
  >;
  readonly installed: ReadonlySet<string>;
  readonly units: ReadonlyMap<string, { readonly active: boolean; readonly fileState: string; readonly isLoaded: boolean }>;
  /** Units whose restart an interrupted run still owes. */
  readonly pending: ReadonlySet<string>;
  readonly sysctls: ReadonlyMap<string, string>;
  readonly modules: ReadonlySet<string>;
  readonly hasDpkg: boolean;
};

export const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex');

/** Units that a run may start, stop or restart. */
export const unitsOf = ({ services, files }: Prepared): string[] => [
  ...new Set([...services.map(({ unit }) => unit), ...files.flatMap(({ restarts }) => restarts)]),
];

/** The part of the mark's name before the unit, as in host/service.ts. */
const pendingPrefix = '/run/muster-restart-pending.';

const modulePath = (name: string): string => `/sys/module/${name.replaceAll('-', '_')}`;

/** Script that prints, for `readSeen`, all of it: one program for each kind, whatever their number. Changes nothing. */
export function observePrepared(prepared: Prepared): string {
  const { packages, files, sysctls, modules } = prepared;
  const paths = files.map(({ path }) => path);
  const units = unitsOf(prepared);
  const some = (names: readonly string[], lines: string) => (names.length === 0 ? [] : [lines]);
  return [
    'export LC_ALL=C',
    ...some(paths, `sha256sum -- ${shellQuoteAll(paths)} 2>/dev/null | sed 's/^/hash /'`),
    ...some(paths, `stat -c 'file %a %U %u %G %g %F|%n' -- ${shellQuoteAll(paths)} 2>/dev/null`),
    ...some(packages, `command -v dpkg-query >/dev/null || echo no-dpkg`),
    ...some(
      packages,
      `dpkg-query -W -f 'package \${db:Status-Status} \${Package} \${Architecture}\\n' ${shellQuoteAll(packages)} 2>/dev/null`,
    ),
    ...some(units, `systemctl show -p Id -p Names -p LoadState -p ActiveState -p UnitFileState -- ${shellQuoteAll(units)} 2>/dev/null`),
    ...some(units, `for unit in ${shellQuoteAll(units)}; do [ ! -e "${pendingPrefix}$unit" ] || echo "pending $unit"; done`),
    ...some(
      sysctls.map(({ path }) => path),
      // Not the shell's own read: it reads single bytes, and the kernel gives the whole value once.
      `( cd /proc/sys && grep -H '' -- ${shellQuoteAll(sysctls.map(({ path }) => path))} 2>/dev/null | sed 's/:/ /; s/^/sysctl /' )`,
    ),
    ...modules.map((name) => `[ ! -d ${modulePath(name)} ] || echo 'module ${name}'`),
    'true',
    '',
  ].join('\n');
}

/** Reads what `observePrepared` printed. */
export function readSeen(output: string): Seen {
  const seen = {
    hashes: new Map<string, string>(),
    files: new Map<string, { mode: string; owners: string[]; groups: string[]; kind: string }>(),
    installed: new Set<string>(),
    pending: new Set<string>(),
    sysctls: new Map<string, string>(),
    modules: new Set<string>(),
  };
  const lines = output.split('\n');
  const readers: Readonly<Record<string, (line: string, first: string, rest: readonly string[]) => void>> = {
    hash: (line, first) => void seen.hashes.set(line.slice('hash '.length + 64 + 2), first),
    file: (line) => readFileLine(line, seen.files),
    package: (_line, first, rest) => {
      if (first === 'installed') seen.installed.add(rest[0] ?? '').add(rest.join(':'));
    },
    pending: (_line, first) => void seen.pending.add(first),
    sysctl: (_line, first, rest) => void seen.sysctls.set(first, rest.join(' ').trim().replaceAll(/\s+/gu, ' ')),
    module: (_line, first) => void seen.modules.add(first),
  };
  for (const line of lines) {
    const [kind = '', first = '', ...rest] = line.split(' ');
    readers[kind]?.(line, first, rest);
  }
  return { ...seen, units: readUnits(output), hasDpkg: !lines.includes('no-dpkg') };
}

function readFileLine(line: string, files: Map<string, { mode: string; owners: string[]; groups: string[]; kind: string }>): void {
  const bar = line.indexOf('|');
  const [, mode = '', owner = '', uid = '', group = '', gid = '', ...kind] = line.slice(0, bar).split(' ');
  files.set(line.slice(bar + 1), { mode, owners: [owner, uid], groups: [group, gid], kind: kind.join(' ') });
}

/** Blocks of properties, one a unit, with all names it goes by. */
function readUnits(output: string): Seen['units'] {
  const blocks = output.replaceAll(/^pending .*$/gmu, '').split('\n\n');
  return new Map(
    blocks.flatMap((block) => {
      const properties = readLines(block);
      const state = {
        active: ['active', 'activating', 'reloading'].includes(properties.get('ActiveState') ?? ''),
        fileState: properties.get('UnitFileState') ?? '',
        isLoaded: properties.has('LoadState') && properties.get('LoadState') !== 'not-found',
      };
      const names = `${properties.get('Id') ?? ''} ${properties.get('Names') ?? ''}`.split(' ');
      return names.flatMap((name) => (name === '' ? [] : [[name, state] as const]));
    }),
  );
}
