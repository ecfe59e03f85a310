import { readdir } from 'node:fs/promises';
import { connectionOf, factsOf } from '../engine/host-run.ts';
import type { HostRun, Phase } from '../engine/phase.ts';
import { readLines, runScript } from '../host/run-script.ts';
import { noteFiles } from '../host/undo-notes.ts';
import { explainApt } from '../packages/explain-apt.ts';
import { installPackagesScript, missingPackagesScript } from '../packages/install-packages.ts';
import { notePlaces } from '../packages/left-behind.ts';
import { packageFolder, packagesFor, uploadPackages } from '../packages/package-source.ts';
import { ProvisionError } from '../provision-error.ts';
import { isVoter } from './members.ts';
import { patroniFault, requirePatroni } from './patroni-version.ts';

type Observed = { readonly missing: readonly string[] };

const lookScript = (names: readonly string[]): string => `
${missingPackagesScript(names)}
printf 'patroni=%s\\n' "$(dpkg-query -W -f '\${db:Status-Status} \${Version}' patroni 2>/dev/null | sed -n 's/^installed //p')"
printf 'candidate=%s\\n' "$(apt-cache policy patroni 2>/dev/null | sed -n 's/^ *Candidate: //p')"
`;

const etcdMask = '/etc/systemd/system/etcd.service';
const clusterConfig = '/etc/postgresql-common/createcluster.conf';

/**
 * Before the packages come: the distribution's etcd would start on the ports of k3s's, and its PostgreSQL would make a database cluster of its
 * own. Where the host had one of them before, that stays as it is.
 */
const keepQuiet = `
set -eu
${notePlaces(['postgresql'])}
has() { [ "$(dpkg-query -W -f '\${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }
if ! has etcd-server && [ ! -e ${etcdMask} ] && [ ! -L ${etcdMask} ]; then
  ${noteFiles([etcdMask])}
  ln -s /dev/null ${etcdMask}
  systemctl daemon-reload
fi
if ! has postgresql-common && [ ! -e ${clusterConfig} ]; then
  ${noteFiles([clusterConfig])}
  mkdir -p "$(dirname ${clusterConfig})"
  printf 'create_main_cluster = false\\n' > ${clusterConfig}
fi
`;

/** etcd, and on full members PostgreSQL and Patroni, from `muster_packages` or the host's own sources. */
export const poolPackagesPhase: Phase<Observed> = {
  name: 'pool-packages',
  needs: ['pool'],
  concerns: isVoter,
  observe: async (host, run) => {
    const names = packagesOf(host);
    const output = await runScript(connectionOf(host), lookScript(names), { label: 'look for packages of the pool', signal: run.signal });
    const missing = names.filter((name) => output.split('\n').includes(`missing=${name}`));
    if (isFull(host)) await requireGoodPatroni(host, readLines(output));
    return { missing };
  },
  plan: ({ missing }, { host }) => {
    const folder = packageFolder(host);
    return missing.length === 0 ? [] : [{ what: `install ${missing.join(', ')}${folder === undefined ? '' : ` from ${folder}`}` }];
  },
  act: async ({ missing }, host, run) => {
    const connection = connectionOf(host);
    const options = { sudo: true, signal: run.signal };
    const folder = packageFolder(host.host);
    await runScript(connection, keepQuiet, { ...options, label: 'keep the packages of the pool quiet' });
    if (folder !== undefined) await uploadPackages(connection, await packagesFor(folder, factsOf(host)), run.signal);
    await runScript(connection, installPackagesScript(missing, folder !== undefined), {
      ...options,
      label: `install ${missing.join(', ')}`,
      timeoutSeconds: 1800,
    }).catch(explainApt);
  },
  verify: async (host, run) => {
    if (!isFull(host)) return;
    const output = await runScript(connectionOf(host), lookScript([]), { label: 'look for packages of the pool', signal: run.signal });
    requirePatroni(readLines(output).get('patroni') ?? '', host.host.name);
  },
};

const isFull = ({ host }: HostRun): boolean => host.roles.includes('database');

const packagesOf = (host: HostRun): string[] => [
  'etcd-server',
  'etcd-client',
  ...(isFull(host) ? ['postgresql', 'patroni', 'python3-etcd'] : []),
];

/** Before anything is installed: of the version that is there, else of the one that would come, as far as that can be known. */
async function requireGoodPatroni({ host }: HostRun, lines: ReadonlyMap<string, string>): Promise<void> {
  const installed = lines.get('patroni') ?? '';
  if (installed !== '') return requirePatroni(installed, host.name);
  const folder = packageFolder(host);
  if (folder !== undefined) return requirePatroniIn(folder, host.name);
  const candidate = lines.get('candidate') ?? '';
  // Sources that were never asked tell nothing; after the installation it is looked at again.
  if (candidate !== '' && candidate !== '(none)') requirePatroni(candidate, host.name);
}

async function requirePatroniIn(folder: string, name: string): Promise<void> {
  const files = await readdir(folder).catch(() => []);
  const versions = files.flatMap((file) => /^patroni_([^_]+)_/u.exec(file)?.[1]?.replaceAll('%3a', ':') ?? []);
  if (versions.some((version) => patroniFault(version) === undefined)) return;
  const [version] = versions;
  if (version !== undefined) requirePatroni(version, `${name}, from ${folder}`);
  throw new ProvisionError(
    `The folder ${folder} (muster_packages) of ${name} has no patroni_*.deb. The pool needs 4.0.7 or newer: that of Debian 13 runs on Debian 12.`,
  );
}
