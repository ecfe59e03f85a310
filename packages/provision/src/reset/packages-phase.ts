import { dockerIsOurs, isUsedByDocker } from '../docker/docker-is-ours.ts';
import { connectionOf } from '../engine/host-run.ts';
import type { HostRun, Phase, Run } from '../engine/phase.ts';
import { runScript } from '../host/run-script.ts';
import { undoFolder } from '../host/undo-notes.ts';
import { replacedNote } from '../packages/install-packages.ts';
import { aptGet, finishInterrupted, toItsEnd, workAlone } from '../packages/package-work.ts';

type Observed = {
  readonly packages: readonly string[];
  /** The host's own, which went for those of a run and are not there. */
  readonly replaced: readonly string[];
};

const observeScript = `
if [ -e ${replacedNote} ]; then
  while read -r name; do
    [ "$(dpkg-query -W -f '\${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || printf 'replaced=%s\\n' "$name"
  done < ${replacedNote}
fi
[ -e ${undoFolder}/packages ] || exit 0
while read -r name; do
  case "$(dpkg-query -W -f '\${db:Status-Status}' "$name" 2>/dev/null)" in ''|not-installed) ;; *) printf '%s\\n' "$name" ;; esac
done < ${undoFolder}/packages
`;

const isName = /^[a-z0-9][a-z0-9+.:-]*$/u;

const purge = `${aptGet} -o APT::Get::AutomaticRemove=false`;

/** What a removed docker.io leaves, by which its purge would remove all that a Docker has which somebody has put in its place. */
export const spareOtherDocker = `
${dockerIsOurs}
${isUsedByDocker}
if ! docker_is_ours && is_used_by_docker /var/lib/docker; then rm -f /var/lib/docker/nuke-graph-directory.sh; fi
`;

/** Nothing is taken away that something else has come to need since. */
const purgeScript = `
set -eu
${workAlone}
export DEBIAN_FRONTEND=noninteractive
names=$(cat)
${finishInterrupted(false)}
plan=$(${purge} --simulate purge $names || true)
others=$(printf '%s\\n' "$plan" | sed -n 's/^\\(Purg\\|Remv\\) \\([^ ]*\\) .*/\\2/p' | grep -vxF -f ${undoFolder}/packages || true)
if [ -n "$others" ]; then
  echo "packages that came since need them: $(printf '%s ' $others). Remove those first, and run the same command again" >&2
  exit 1
fi
${spareOtherDocker}
${toItsEnd(`sh -c '${purge} --yes purge "$@" || dpkg --purge --force-remove-reinstreq "$@"' sh $names`)}
`;

/** Where its sources do not answer, the host goes without: nothing else of a reset is to wait for that. */
const bringBackScript = `
${workAlone}
export DEBIAN_FRONTEND=noninteractive
names=$(cat)
${aptGet} update >&2
${aptGet} --yes --no-install-recommends install $names >&2 || echo lost=yes
`;

async function bringBack(replaced: readonly string[], host: HostRun, run: Run): Promise<void> {
  if (replaced.length === 0) return;
  const options = { label: 'bring packages back', sudo: true, signal: run.signal, stdin: replaced.join('\n'), timeoutSeconds: 1800 };
  const output = await runScript(connectionOf(host), bringBackScript, options);
  if (output.includes('lost=yes'))
    host.warnings = [`it had ${replaced.join(', ')} before, which could not be installed again: install that there by hand`];
}

/** The packages that a run has installed, with what they needed. Packages that were there before stay, and those that went for them come back. */
export const packagesPhase: Phase<Observed> = {
  name: 'packages',
  concerns: () => true,
  observe: async (host, run) => {
    const output = await runScript(connectionOf(host), observeScript, { label: 'look at the packages', sudo: true, signal: run.signal });
    const lines = output.split('\n');
    return {
      packages: lines.filter((name) => isName.test(name)),
      replaced: lines
        .flatMap((line) => (line.startsWith('replaced=') ? [line.slice('replaced='.length)] : []))
        .filter((name) => isName.test(name)),
    };
  },
  plan: ({ packages, replaced }) => [
    ...(packages.length === 0 ? [] : [{ what: `purge ${packages.join(', ')}` }]),
    ...(replaced.length === 0 ? [] : [{ what: `install ${replaced.join(', ')} again` }]),
  ],
  act: async ({ packages, replaced }, host, run) => {
    const connection = connectionOf(host);
    const options = { sudo: true, signal: run.signal };
    if (packages.length > 0)
      await runScript(connection, purgeScript, { ...options, label: 'purge packages', stdin: packages.join('\n'), timeoutSeconds: 1800 });
    await bringBack(replaced, host, run);
  },
};
