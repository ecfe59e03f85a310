import type { Change } from '../engine/phase.ts';
import { ProvisionError } from '../provision-error.ts';
import { type Seen, sha256, unitsOf } from './observe-prepared.ts';
import type { Prepared, PreparedFile, PreparedService, PreparedSysctl } from './prepared.ts';

/** What a host lacks. */
export type PreparedPlan = {
  readonly packages: readonly string[];
  readonly files: readonly { readonly file: PreparedFile; readonly isNew: boolean; readonly isContent: boolean }[];
  readonly modules: readonly string[];
  readonly sysctls: readonly PreparedSysctl[];
  readonly services: readonly { readonly unit: string; readonly verbs: readonly ('enable' | 'disable' | 'start' | 'stop')[] }[];
  /** Units that read a file that changes; those that are started or stopped anyway are not among them. */
  readonly restarts: readonly string[];
};

/** Compares what a host should have with what it has. Pure. @throws ProvisionError for what cannot be brought about there */
export function planPrepared(prepared: Prepared, seen: Seen, name: string): PreparedPlan {
  const packages = prepared.packages.filter((one) => !seen.installed.has(one));
  if (packages.length > 0 && !seen.hasDpkg)
    throw new ProvisionError(`${name} has no dpkg: host_packages works on Debian and its kin only.`);
  const modules = prepared.modules.filter((one) => !seen.modules.has(one));
  // What is not there yet may come with a package or a module of the same run, and is then seen when it is acted on.
  const mayCome = packages.length > 0;
  requireSysctls(prepared.sysctls, seen, { name, mayCome: mayCome || modules.length > 0 });
  const files = prepared.files.flatMap((file) => fileDifference(file, seen, name));
  const bringsUnit = (unit: string) => mayCome || files.some(({ file }) => file.path.endsWith(`/${unit}`) || file.path.endsWith('.wants'));
  requireUnits(prepared, seen, { name, bringsUnit });
  const services = prepared.services.flatMap((service) => serviceDifference(service, seen));
  const handled = services.flatMap(({ unit, verbs }) => (verbs.includes('start') || verbs.includes('stop') ? [unit] : []));
  const due = files.flatMap(({ file }) => file.restarts);
  const restarts = unitsOf(prepared).filter((unit) => (due.includes(unit) || seen.pending.has(unit)) && !handled.includes(unit));
  return {
    packages,
    files,
    modules,
    sysctls: prepared.sysctls.filter(({ path, value }) => seen.sysctls.get(path) !== value),
    services,
    restarts: restarts.filter((unit) => !prepared.services.some((one) => one.unit === unit && one.state === 'stopped')),
  };
}

type Circumstances = { readonly name: string; readonly mayCome: boolean };

function requireSysctls(sysctls: readonly PreparedSysctl[], seen: Seen, { name, mayCome }: Circumstances): void {
  const unknown = sysctls.filter(({ path }) => !seen.sysctls.has(path));
  if (unknown.length === 0 || mayCome) return;
  throw new ProvisionError(
    `${name} has no kernel parameter ${unknown.map(({ path }) => path.replaceAll('/', '.')).join(', ')} (host_sysctls). Does it need a module (host_modules)?`,
  );
}

function requireUnits(prepared: Prepared, seen: Seen, { name, bringsUnit }: { name: string; bringsUnit: (unit: string) => boolean }): void {
  const unknown = unitsOf(prepared).filter((unit) => seen.units.get(unit)?.isLoaded !== true && !bringsUnit(unit));
  if (unknown.length > 0)
    throw new ProvisionError(
      `${name} has no unit ${unknown.join(', ')} (host_services, or restarts in host_files). Does it lack a package?`,
    );
  const masked = prepared.services.find(
    ({ unit, state, enabled }) =>
      (state === 'started' || enabled === true) && seen.units.get(unit)?.fileState.startsWith('masked') === true,
  );
  if (masked !== undefined) throw new ProvisionError(`${name} has ${masked.unit} masked (host_services): unmask it there first.`);
}

function fileDifference(file: PreparedFile, seen: Seen, name: string): PreparedPlan['files'] {
  const now = seen.files.get(file.path);
  if (now === undefined) return [{ file, isNew: true, isContent: true }];
  if (now.kind !== 'symbolic link' && !now.kind.startsWith('regular'))
    throw new ProvisionError(`${name} has a ${now.kind} at ${file.path} (host_files), which is not replaced by a file.`);
  const isContent = now.kind === 'symbolic link' || seen.hashes.get(file.path) !== sha256(file.content);
  const isSame = !isContent && now.mode === file.mode && now.owners.includes(file.owner) && now.groups.includes(file.group);
  return isSame ? [] : [{ file, isNew: false, isContent }];
}

function serviceDifference({ unit, state, enabled }: PreparedService, seen: Seen): PreparedPlan['services'] {
  const { active, fileState, isLoaded } = seen.units.get(unit) ?? { active: false, fileState: '', isLoaded: false };
  // Of a unit that comes with this run nobody knows how it will fare: all that is wanted is done.
  const isDue = {
    enable: enabled === true && (!isLoaded || fileState === 'disabled'),
    disable: enabled === false && (!isLoaded || fileState.startsWith('enabled')),
    start: state === 'started' && !active,
    stop: state === 'stopped' && (!isLoaded || active),
  };
  const verbs = (['enable', 'disable', 'start', 'stop'] as const).filter((verb) => isDue[verb]);
  return verbs.length === 0 ? [] : [{ unit, verbs }];
}

/** The plan in words. */
export function preparedChanges(plan: PreparedPlan, folder: string | undefined): Change[] {
  const { packages, files, modules, sysctls, services, restarts } = plan;
  const from = folder === undefined ? '' : ` from ${folder}`;
  return [
    ...(packages.length === 0 ? [] : [{ what: `install ${packages.join(', ')}${from}` }]),
    ...files.map(({ file, isNew, isContent }) => fileChangeOf(file, isNew, isContent)),
    ...modules.map((name) => ({ what: `load the kernel module ${name}` })),
    ...sysctls.map(({ path, value }) => ({ what: `set ${path.replaceAll('/', '.')} to ${value}` })),
    ...services.flatMap(({ unit, verbs }) => verbs.map((verb) => ({ what: `${verb} ${unit}` }))),
    ...restarts.map((unit) => ({ what: `restart ${unit}` })),
  ];
}

function fileChangeOf(file: PreparedFile, isNew: boolean, isContent: boolean): Change {
  if (!isContent) return { what: `set mode and owner of ${file.path} to ${file.mode} ${file.owner}:${file.group}` };
  const isText = !file.content.includes(0);
  return { what: `${isNew ? 'write' : 'change'} ${file.path}`, ...(isText ? { content: file.content.toString() } : {}) };
}
