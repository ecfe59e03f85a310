import { shellQuoteAll } from '@muster/ssh';
import { readLines } from '../host/run-script.ts';
import { observeService, serviceState, type ServiceState } from '../host/service.ts';
import { observeSource } from '../packages/apt-source.ts';
import { missingPackagesScript } from '../packages/install-packages.ts';
import { type DaemonFile, observeDaemonJson, readDaemonFile } from './daemon-json.ts';
import { dockerIsOurs } from './docker-is-ours.ts';
import { observeTrust, readTrust, type TrustSeen } from './trust-registry.ts';
import { unprovenDocker } from './verify-docker.ts';

/** What a host has of Docker. */
export type DockerSeen = {
  /** Whether there is one that no run has brought. */
  readonly isForeign: boolean;
  /** Name of the distribution's release. */
  readonly codename: string;
  readonly missing: readonly string[];
  readonly daemonFile: DaemonFile;
  /** Whether a run has changed something and not shown since that a container runs. */
  readonly isUnproven: boolean;
  readonly service: ServiceState;
  /** Wanted users that are not in the group yet, and those that the host does not know. */
  readonly usersToAdd: readonly string[];
  readonly unknownUsers: readonly string[];
  readonly trust: TrustSeen;
};

/** Lines of script that print `foreign=yes` where there is a Docker that no run has brought. */
const foreignDocker = `
${dockerIsOurs}
if ! docker_or_client_is_ours; then
  if command -v dockerd >/dev/null 2>&1 || command -v docker >/dev/null 2>&1 || [ "$(systemctl show -p LoadState --value docker.service 2>/dev/null)" = loaded ]; then
    echo foreign=yes
  fi
fi
`;

/** Prints what `readDocker` reads. */
export const dockerLookScript = (wanted: { readonly packages: readonly string[]; readonly users: readonly string[] }): string => `
PATH=$PATH:/usr/sbin:/usr/local/bin
${foreignDocker}
${observeSource('docker')}
${missingPackagesScript(wanted.packages)}
${observeDaemonJson}
if [ -e ${unprovenDocker} ]; then echo unproven=yes; fi
${observeTrust}
${observeService('docker.service')}
set -- ${shellQuoteAll(wanted.users)}
for user in "$@"; do
  if ! id "$user" >/dev/null 2>&1; then printf 'unknown_user:%s\\n' "$user"
  elif ! id -nG "$user" | tr ' ' '\\n' | grep -qxF docker; then printf 'user_to_add:%s\\n' "$user"; fi
done
`;

/** Reads what the script printed. */
export function readDocker(output: string): DockerSeen {
  const lines = readLines(output);
  const all = (prefix: string): string[] =>
    output.split('\n').flatMap((line) => (line.startsWith(prefix) ? [line.slice(prefix.length)] : []));
  return {
    isForeign: lines.get('foreign') === 'yes',
    codename: lines.get('codename') ?? '',
    missing: all('missing='),
    daemonFile: readDaemonFile(lines),
    isUnproven: lines.get('unproven') === 'yes',
    service: serviceState(output),
    usersToAdd: all('user_to_add:'),
    unknownUsers: all('unknown_user:'),
    trust: readTrust(output),
  };
}
