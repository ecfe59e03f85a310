import { shellQuote, shellQuoteAll } from '@muster/ssh';
import { noteRestart } from '../host/service.ts';
import { noteFiles, undoFolder } from '../host/undo-notes.ts';
import { installPackagesScript } from '../packages/install-packages.ts';
import { workAlone } from '../packages/package-work.ts';
import type { PreparedPlan } from './plan-prepared.ts';

/** Where the contents of all files arrive, before each is put in its place. */
const arrival = '/run/muster-prepare';

/** Lines of script that define `note KIND KEY STATE`, which notes a state once, under a key, before it is changed: see `restorePrepared`. */
export const noteOnce = `
note() { cut -f1 ${undoFolder}/$1 2>/dev/null | grep -qxF -- "$2" || printf '%s\\t%s\\n' "$2" "$3" >> ${undoFolder}/$1; }
`;

/**
 * The script that makes a plan true, and what it reads from standard input: the files' contents in their order, as base64. Everything is
 * noted for a reset before it is changed. May be repeated after a failure anywhere: a restart that is due is marked before the file changes.
 */
export function actPrepared(plan: PreparedPlan, isFromFolder: boolean): { readonly script: string; readonly stdin: string } {
  const { packages, files, modules, sysctls, services, restarts } = plan;
  const written = files.filter(({ isContent }) => isContent);
  const units = [...services.map(({ unit }) => unit), ...restarts];
  // The installation takes the lock by itself, and cannot while this script has it.
  const install = packages.length === 0 ? '' : `( ${installPackagesScript(packages, isFromFolder)} ) < /dev/null`;
  const script = `
set -eu
umask 022
mkdir -p -m 0700 ${arrival}
base64 -d > ${arrival}/all
${install}
${workAlone}
mkdir -p ${undoFolder}
${noteOnce}
${units.length === 0 ? '' : serviceNotes(units)}
${restarts.map(noteRestart).join('\n')}
${files.length === 0 ? '' : writeFiles(plan)}
${modules.map(loadModule).join('\n')}
${sysctls.map(setSysctl).join('\n')}
${units.length === 0 ? '' : 'systemctl daemon-reload'}
${serviceCommands(plan)}
rm -rf ${arrival}
`;
  return { script, stdin: Buffer.concat(written.map(({ file }) => file.content)).toString('base64') };
}

/** Lines of script that note how units fare. */
export const serviceNotes = (units: readonly string[]): string => `
for unit in ${shellQuoteAll(units)}; do
  note services "$unit" "$(systemctl is-active "$unit" 2>/dev/null || true) $(systemctl is-enabled "$unit" 2>/dev/null || true)"
done
`;

function writeFiles({ files }: PreparedPlan): string {
  const places = files.map(({ file: { path, mode, owner, group }, isContent }) => {
    const at = shellQuote(path);
    const own = `own ${at} ${mode} ${shellQuote(`${owner}:${group}`)}`;
    return isContent ? `place ${at} ${mode} ${shellQuote(`${owner}:${group}`)}` : own;
  });
  const sizes = files.flatMap(({ file, isContent }) => (isContent ? [[file.path, file.content.length] as const] : []));
  const parts = sizes.map(([, size], index) => `head -c ${size} > ${arrival}/${index}`);
  const restartsOf = [...new Set(files.flatMap(({ file }) => file.restarts))];
  return `
${noteFiles(files.map(({ file }) => file.path))}
${restartsOf.map((unit) => `note restarts ${shellQuote(unit)} ''`).join('\n')}
{
${parts.join('\n') || ':'}
} < ${arrival}/all
# Folders that are made go again with a reset, if nothing else is in them by then.
folder() {
  if [ -z "$1" ] || [ -d "$1" ]; then return; fi
  folder "\${1%/*}"
  printf '%s\\n' "$1" >> ${undoFolder}/folders
  mkdir -- "$1"
}
own() { chown -h -- "$3" "$1" && chmod -- "$2" "$1"; }
part=0
place() {
  folder "\${1%/*}"
  # Under a name that nobody can have prepared, and for root alone until owner and mode are right.
  new=$(mktemp -- "$1.muster-XXXXXX")
  cat ${arrival}/$part > "$new"
  own "$new" "$2" "$3" || { rm -f -- "$new"; exit 1; }
  mv -fT -- "$new" "$1"
  part=$((part + 1))
}
${places.join('\n')}
`;
}

const loadModule = (name: string): string => `note modules ${name} ''\nmodprobe -- ${name}`;

const setSysctl = ({ path, value }: { path: string; value: string }): string => {
  const file = shellQuote(`/proc/sys/${path}`);
  return `note sysctls ${shellQuote(path)} "$(cat ${file})"\nprintf '%s\\n' ${shellQuote(value)} > ${file}`;
};

function serviceCommands({ services, restarts }: PreparedPlan): string {
  const lines = services.flatMap(({ unit, verbs }) =>
    verbs.map((verb) => `systemctl ${verb === 'enable' || verb === 'disable' ? `${verb} --quiet` : verb} -- ${shellQuote(unit)}`),
  );
  // What does not run has nothing to read anew.
  const again = restarts.map((unit) => `systemctl try-restart -- ${shellQuote(unit)}`);
  const marks = [...services.map(({ unit }) => unit), ...restarts].map((unit) => `rm -f /run/muster-restart-pending.${unit}`);
  return [...lines, ...again, ...marks].join('\n');
}

/** Lines of script with which a reset brings back what was there before: after files have come back and packages have gone. */
export const restorePrepared = `
if [ -e ${undoFolder}/files ]; then
  while read -r path; do rm -f -- "$path".muster-??????; done < ${undoFolder}/files
fi
if [ -e ${undoFolder}/folders ]; then
  tac ${undoFolder}/folders | while read -r path; do rmdir -- "$path" 2>/dev/null || true; done
fi
tab='	'
if [ -e ${undoFolder}/sysctls ]; then
  while IFS="$tab" read -r path value; do
    [ ! -e "/proc/sys/$path" ] || printf '%s\\n' "$value" > "/proc/sys/$path"
  done < ${undoFolder}/sysctls
fi
if [ -e ${undoFolder}/modules ]; then
  tac ${undoFolder}/modules | while IFS="$tab" read -r name _; do modprobe -r -- "$name" 2>/dev/null || true; done
fi
if [ -e ${undoFolder}/services ] || [ -e ${undoFolder}/restarts ]; then systemctl daemon-reload; fi
if [ -e ${undoFolder}/restarts ]; then
  while IFS="$tab" read -r unit _; do systemctl try-restart -- "$unit" 2>/dev/null || true; done < ${undoFolder}/restarts
fi
if [ -e ${undoFolder}/services ]; then
  while IFS="$tab" read -r unit state; do
    if ! systemctl cat -- "$unit" >/dev/null 2>&1; then continue; fi
    case "$state" in *' enabled') systemctl enable --quiet -- "$unit" ;; *' disabled') systemctl disable --quiet -- "$unit" ;; esac
    case "$state" in
      active*|activating*|reloading*) systemctl is-active -q -- "$unit" || systemctl start -- "$unit" ;;
      *) systemctl stop -- "$unit" ;;
    esac
    rm -f "/run/muster-restart-pending.$unit"
  done < ${undoFolder}/services
fi
rm -rf ${arrival}
`;
