import { dockerIsOurs, isUsedByDocker } from '../docker/docker-is-ours.ts';
import { connectionOf } from '../engine/host-run.ts';
import type { Phase } from '../engine/phase.ts';
import { runScript } from '../host/run-script.ts';
import { undoFolder } from '../host/undo-notes.ts';
import { aptGet, finishInterrupted, toItsEnd, workAlone } from '../packages/package-work.ts';

type Observed = { readonly packages: readonly string[] };

const observeScript = `
[ -e ${undoFolder}/packages ] || exit 0
while read -r name; do
  case "$(dpkg-query -W -f '\${db:Status-Status}' "$name" 2>/dev/null)" in ''|not-installed) ;; *) printf '%s\\n' "$name" ;; esac
done < ${undoFolder}/packages
`;

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

/** The packages that a run has installed, with what they needed. Packages that were there before stay. */
export const packagesPhase: Phase<Observed> = {
  name: 'packages',
  concerns: () => true,
  observe: async (host, run) => {
    const output = await runScript(connectionOf(host), observeScript, { label: 'look at the packages', sudo: true, signal: run.signal });
    return { packages: output.split('\n').filter((name) => /^[a-z0-9][a-z0-9+.:-]*$/u.test(name)) };
  },
  plan: ({ packages }) => (packages.length === 0 ? [] : [{ what: `purge ${packages.join(', ')}` }]),
  act: async ({ packages }, host, run) => {
    const connection = connectionOf(host);
    const options = { sudo: true, signal: run.signal };
    await runScript(connection, purgeScript, { ...options, label: 'purge packages', stdin: packages.join('\n'), timeoutSeconds: 1800 });
  },
};
