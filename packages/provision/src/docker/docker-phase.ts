import { shellQuoteAll } from '@muster/ssh';
import { connectionOf, factsOf } from '../engine/host-run.ts';
import type { Change, HostRun, Phase, Run } from '../engine/phase.ts';
import type { ManagedFile } from '../host/managed-file.ts';
import { writeManaged } from '../host/managed-file.ts';
import { readLines, runScript } from '../host/run-script.ts';
import { noteRestart, restartService } from '../host/service.ts';
import { textVariable } from '../host/variables.ts';
import { noteFiles, undoFolder } from '../host/undo-notes.ts';
import { sourceChanges, writeSource } from '../packages/apt-source.ts';
import { installPackagesScript } from '../packages/install-packages.ts';
import { packageFolder, packagesFor, uploadPackages } from '../packages/package-source.ts';
import { ProvisionError } from '../provision-error.ts';
import { noteBeforeDocker } from './before-docker.ts';
import { daemonChange, daemonJsonPath, keptDaemonFile, mergedDaemonJson } from './daemon-json.ts';
import { dockerSource } from './docker-source.ts';
import { dockerLookScript, type DockerSeen, readDocker } from './look.ts';
import { planTrust, trustChanges, type TrustPlan, trustRegistry } from './trust-registry.ts';
import { unprovenDocker, verifyDockerScript } from './verify-docker.ts';
import { dockerPackages, dockerUsers, wantedDaemonKeys } from './wanted-docker.ts';

type Observed = {
  readonly seen: DockerSeen;
  /** Of the mirror; undefined without one. */
  readonly source: readonly ManagedFile[] | undefined;
  readonly sourceChanges: readonly Change[];
  readonly packages: readonly string[];
  /** Docker's configuration where it has to change. */
  readonly daemonJson: string | undefined;
  readonly trust: TrustPlan;
};

const unit = 'docker.service';

/** Docker, from `docker_repo`, from `muster_packages` or from the distribution. One that was there already is left as it is. */
export const dockerPhase: Phase<Observed> = {
  name: 'docker',
  concerns: ({ roles }) => roles.includes('docker'),
  observe,
  plan: (observed, host) => {
    const { seen, packages, daemonJson } = observed;
    if (seen.isForeign) return [];
    const folder = isFromFolder(host) ? ` from ${packageFolder(host.host) ?? ''}` : '';
    const changes = [
      ...observed.sourceChanges,
      ...(packages.length === 0 ? [] : [{ what: `install ${packages.join(', ')}${folder}` }]),
      ...(daemonJson === undefined ? [] : [daemonChange(seen.daemonFile, daemonJson)]),
      ...seen.usersToAdd.map((user) => ({ what: `add the user ${user} to the group docker` })),
      ...trustChanges(observed.trust),
      ...(isDue(observed) ? [{ what: `${seen.service.active ? 'restart' : 'start'} ${unit}` }] : []),
    ];
    return changes.length === 0 && seen.isUnproven ? [{ what: 'prove that Docker runs a container' }] : changes;
  },
  act,
  verify: async (host, run) => {
    const options = { label: 'run a container', sudo: true, signal: run.signal, timeoutSeconds: 300 };
    await runScript(connectionOf(host), verifyDockerScript, options);
  },
};

const isDue = ({ seen: { service }, daemonJson }: Observed): boolean =>
  !service.active || !service.enabled || service.restartPending || daemonJson !== undefined;

async function observe(host: HostRun, run: Run): Promise<Observed> {
  const users = dockerUsers(host.host);
  const keys = wantedDaemonKeys(host.host);
  const folder = isFromFolder(host) ? await packagesFor(packageFolder(host.host) ?? '', factsOf(host)) : undefined;
  const names = dockerPackages(
    host.host,
    folder?.map((path) => path.split('/').at(-1) ?? path),
  );
  const script = dockerLookScript({ packages: names, users });
  const output = await runScript(connectionOf(host), script, { label: 'look at Docker', sudo: true, signal: run.signal });
  const seen = readDocker(output);
  if (!seen.isForeign && seen.unknownUsers.length > 0)
    throw new ProvisionError(
      `${host.host.name} has no user ${seen.unknownUsers.join(', ')} (docker_users). Make it there first, or take it out of docker_users.`,
    );
  const source = await dockerSource(host.host, seen.codename);
  return {
    seen,
    source,
    sourceChanges: sourceChanges('docker', source, readLines(output)),
    packages: seen.missing,
    daemonJson: seen.isForeign ? undefined : mergedDaemonJson(host.host.name, seen.daemonFile.text, keys),
    trust: planTrust(seen.trust, run),
  };
}

async function act(observed: Observed, host: HostRun, run: Run): Promise<void> {
  const connection = connectionOf(host);
  const options = { sudo: true, signal: run.signal };
  const unproven = `set -eu\nmkdir -p ${undoFolder}\n: > ${unprovenDocker}`;
  await runScript(connection, unproven, { ...options, label: 'note that Docker is to be proved' });
  if (observed.sourceChanges.length > 0) await writeSource(connection, 'docker', observed.source, run.signal);
  if (observed.packages.length > 0) await install(observed.packages, host, run);
  if (observed.daemonJson !== undefined) {
    const prepare = `set -eu\n${noteRestart(unit)}\n${noteFiles([daemonJsonPath])}\nmkdir -p /etc/docker\n`;
    await runScript(connection, prepare, { ...options, label: `keep ${daemonJsonPath}` });
    await writeManaged(connection, keptDaemonFile(observed.seen.daemonFile, observed.daemonJson), run.signal);
  }
  await trustRegistry(host, run, observed.trust);
  const { usersToAdd } = observed.seen;
  if (usersToAdd.length > 0) {
    const add = `set -eu\nfor user in ${shellQuoteAll(usersToAdd)}; do usermod -aG docker "$user"; done\n`;
    await runScript(connection, add, { ...options, label: 'add users to the group docker' });
  }
  if (isDue(observed)) await runScript(connection, restartService(unit), { ...options, label: `start ${unit}`, timeoutSeconds: 300 });
}

async function install(names: readonly string[], host: HostRun, run: Run): Promise<void> {
  const connection = connectionOf(host);
  const isUploaded = isFromFolder(host);
  if (isUploaded) await uploadPackages(connection, await packagesFor(packageFolder(host.host) ?? '', factsOf(host)), run.signal);
  const options = { sudo: true, signal: run.signal };
  await runScript(connection, `set -eu\n${noteBeforeDocker}`, { ...options, label: 'note the network before Docker' });
  const script = installPackagesScript(names, isUploaded);
  await runScript(connection, script, { ...options, label: `install ${names.join(', ')}`, timeoutSeconds: 1800 });
}

/** A mirror of Docker's is the nearer word where both are named. */
const isFromFolder = ({ host }: HostRun): boolean => packageFolder(host) !== undefined && textVariable(host, 'docker_repo') === undefined;
