import { shellQuoteAll } from '@muster/ssh';
import { connectionOf } from '../engine/host-run.ts';
import type { HostRun, Run } from '../engine/phase.ts';
import { runScript } from '../host/run-script.ts';
import { packageFolder } from '../packages/package-source.ts';
import { error, type Finding, warning } from './checks.ts';

/**
 * Prints `dead=` and `live=` for each server that apt would ask, where one of the packages is not installed. It fetches one small file of each,
 * as apt itself does, with its proxies and certificates.
 */
const sourcesScript = (packages: readonly string[]): string => `
command -v apt-get >/dev/null 2>&1 || exit 0
missing=''
for name in ${shellQuoteAll(packages)}; do
  case "$(dpkg-query -W -f '\${db:Status-Status}' "$name" 2>/dev/null)" in installed) ;; *) missing=yes ;; esac
done
[ -n "$missing" ] || exit 0
folder=$(mktemp -d) || exit 0
trap 'rm -rf "$folder"' EXIT
echo asked=yes
seen=' '
for uri in $(apt-get --print-uris update 2>/dev/null | sed -n "s/^'\\([^']*\\)'.*/\\1/p"); do
  rest=\${uri#*://}
  place=\${uri%%://*}://\${rest%%/*}
  case $seen in *" $place "*) continue ;; esac
  seen="$seen$place "
  if timeout 30 /usr/lib/apt/apt-helper -o Acquire::Retries=0 -o Acquire::http::Timeout=10 download-file "$uri" "$folder/file" >/dev/null 2>&1
  then printf 'live=%s\\n' "$place"; else printf 'dead=%s\\n' "$place"; fi
  rm -f "$folder/file"
done
`;

/** The packages that a run would install on a host from the host's own sources. */
const packagesFromSources = ({ host }: HostRun): string[] => {
  const isOfSlurm = host.roles.includes('slurm-controller') || host.roles.includes('slurm-node');
  return isOfSlurm && packageFolder(host) === undefined ? ['munge', 'slurm-client'] : [];
};

/** Whether the package sources of a host answer, where a run will install from them. */
export async function sourceFindings(host: HostRun, run: Run): Promise<Finding[]> {
  const packages = packagesFromSources(host);
  if (packages.length === 0) return [];
  const output = await runScript(connectionOf(host), sourcesScript(packages), {
    label: 'look at the package sources',
    sudo: true,
    signal: run.signal,
  });
  return judgeSources(output);
}

const advice = 'Correct its sources or its proxy, or name a folder of packages with muster_packages';

/** Reads what the script printed. Pure. */
export function judgeSources(output: string): Finding[] {
  const lines = output.split('\n');
  if (!lines.includes('asked=yes')) return [];
  const placesOf = (kind: string): string[] => lines.filter((line) => line.startsWith(`${kind}=`)).map((line) => line.slice(5));
  const [dead, live] = [placesOf('dead'), placesOf('live')];
  if (dead.length === 0) return live.length > 0 ? [] : [error('package-source', `it has no package source. ${advice}`)];
  const text = `of its package sources ${dead.join(', ')} ${dead.length === 1 ? 'does' : 'do'} not answer. ${advice}`;
  return [live.length === 0 ? error('package-source', text) : warning('package-source', text)];
}
