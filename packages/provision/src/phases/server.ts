import { z } from 'zod';
import { type Artifact, artifactFor } from '../artifacts.ts';
import { connectionOf, factsOf } from '../engine/host-run.ts';
import type { Change, HostRun, Phase, Run } from '../engine/phase.ts';
import { installReleaseScript, unpackReleaseScript } from '../host/install-release.ts';
import { fileChange, hashLine, type ManagedFile, writeManaged } from '../host/managed-file.ts';
import { readLines, runScript } from '../host/run-script.ts';
import { makeServerUser, panelUrl, serverConfiguration, serverUnit } from '../host/server-files.ts';
import { askServer, readNodes } from '../host/server-cli.ts';
import { noteRestart, observeService, restartService, serviceState, type ServiceState } from '../host/service.ts';
import { wantedDatabaseUrl } from '../pool/database-url.ts';
import { patroniAccess, patroniPassword, patroniPasswordPath } from '../pool/patroni-access.ts';
import { comeBack, hasFellows, inUpgradeOrder, observeDrained, orStop, seeMember, stepAside, upgradeChange } from '../pool/upgrade.ts';
import { ProvisionError } from '../provision-error.ts';
import { releaseMark } from './stage.ts';

type Observed = ServiceState & {
  readonly release: string;
  readonly user: boolean;
  readonly unit: string;
  readonly config: string;
  readonly password: string;
  /** Whether its configuration names a database that is not the embedded one. */
  readonly hasUrl: boolean;
  /** Whether its embedded database was moved into another one, and nothing of its own came after. */
  readonly hasLeft: boolean;
  /** Whether an upgrade has given its nodes to others, and was cut off. */
  readonly isDrained: boolean;
  /** Whether a server that is active also answers: one that hangs, or speaks another version, is started anew. */
  readonly answers: boolean;
};

const unit = 'muster.service';
/** How long a server is waited for that was started. */
const patienceSeconds = 120;

const observeScript = `
printf 'release=%s\\n' "$(cat /opt/muster/${releaseMark} 2>/dev/null)"
if id muster >/dev/null 2>&1; then echo user=yes; else echo user=no; fi
${hashLine('unit', serverUnit.path)}
${hashLine('config', '/etc/muster/muster.yaml')}
${hashLine('password', patroniPasswordPath)}
if grep -qE '^  url: *.?postgres' /etc/muster/muster.yaml 2>/dev/null; then echo url=yes; fi
if [ -d /var/lib/muster/postgres-before-move ] && [ ! -d /var/lib/muster/postgres ]; then echo left=yes; fi
${observeDrained}
${observeService(unit)}`;

/** By the clock and not by tries, each of which may take seconds on a busy machine: the journal must be told before the command is given up. */
const waitScript = `
end=$(($(date +%s) + ${patienceSeconds}))
while [ "$(date +%s)" -lt "$end" ]; do
  if /opt/muster/bin/muster --socket /run/muster/muster.sock status -o json >/dev/null 2>&1; then exit 0; fi
  if [ "$(systemctl is-failed ${unit})" = failed ]; then break; fi
  sleep 0.5
done
journalctl -u ${unit} -n 15 --no-pager -o cat >&2
exit 1
`;

/**
 * The management server: user, release, configuration, unit, running and answering. Of a pool one after the other, its nodes with the others
 * meanwhile, the primary's machine last; after one that does not come up no other is stopped.
 */
export const serverPhase: Phase<Observed> = {
  name: 'server',
  // Without them a server would come up on another database or without its key. Where there is no pool they concern nobody.
  needs: ['stage', 'pool', 'pool-account', 'pool-key', 'pool-move'],
  concerns: (host) => host.roles.includes('driver'),
  informs: true,
  atOnce: 1,
  order: inUpgradeOrder,
  observe: async (host, run) => {
    const output = await runScript(connectionOf(host), observeScript, { label: 'look at the server', sudo: true, signal: run.signal });
    const lines = readLines(output);
    const service = serviceState(output);
    return {
      ...service,
      release: lines.get('release') ?? '',
      user: lines.get('user') === 'yes',
      unit: lines.get('unit') ?? '',
      config: lines.get('config') ?? '',
      password: lines.get('password') ?? '',
      hasUrl: lines.get('url') === 'yes',
      hasLeft: lines.get('left') === 'yes',
      isDrained: lines.get('drained') === 'yes',
      answers: service.active && (await answers(host, run)),
    };
  },
  plan: (observed, host, run) => {
    const changes = changesOf(observed, host, run);
    return changes.length === 0 && observed.isDrained ? [{ what: 'take its nodes again: an upgrade was cut off' }] : changes;
  },
  act: async (observed, host, run) => {
    if (changesOf(observed, host, run).length > 0) await orStop(host, run, () => bringUp(observed, host, run));
  },
  verify: (host, run) =>
    orStop(host, run, async () => {
      const label = 'wait for the server to answer';
      await runScript(connectionOf(host), waitScript, { label, sudo: true, signal: run.signal, timeoutSeconds: 180 });
      await lookAtServer(host, run);
      await comeBack(host, run, artifactFor('server', run.artifacts, factsOf(host)).version);
      const { url } = await askServer(connectionOf(host), ['sign-in-link', '-o', 'json'], z.object({ url: z.url() }), {
        signal: run.signal,
      });
      run.signInUrl = url;
    }),
};

/** What is to be done before the server is what it should be; its restart, where it is up. */
function changesOf(observed: Observed, host: HostRun, run: Run): Change[] {
  requireSameDatabase(observed, host, run);
  const artifact = artifactFor('server', run.artifacts, factsOf(host));
  const changes: Change[] = [
    ...(observed.user ? [] : [{ what: 'make the system user muster' }]),
    ...(observed.release === artifact.sha256 ? [] : [{ what: `install the server ${artifact.version} in /opt/muster` }]),
    ...configurationChange(observed, host, run),
    ...passwordChange(observed, host, run),
    ...fileChange(serverUnit, observed.unit),
    ...(observed.enabled ? [] : [{ what: `enable ${unit}` }]),
  ];
  if (!observed.active) return [...changes, { what: `start ${unit}` }];
  const isStale = changes.length > 0 || observed.restartPending || !observed.answers;
  return isStale ? [...changes, ...upgradeChange(host), { what: `restart ${unit}` }] : [];
}

async function bringUp(observed: Observed, host: HostRun, run: Run): Promise<void> {
  requireMoved(run);
  const connection = connectionOf(host);
  const artifact = artifactFor('server', run.artifacts, factsOf(host));
  if (observed.release !== artifact.sha256) await requireFitting(artifact, host, run);
  await stepAside(host, run);
  const prepare = `
set -eu
${noteRestart(unit)}
${makeServerUser}
mkdir -p /etc/muster
${observed.release === artifact.sha256 ? '' : installReleaseScript('muster', artifact, { isKept: true })}
ln -sfn /opt/muster/bin/muster /usr/local/bin/muster
`;
  await runScript(connection, prepare, { label: 'install the server', sudo: true, signal: run.signal, timeoutSeconds: 300 });
  const password = patroniPassword(host, run);
  if (password !== undefined) await writeManaged(connection, password, run.signal);
  await writeManaged(connection, configurationOf(host, run), run.signal);
  await writeManaged(connection, serverUnit, run.signal);
  await runScript(connection, restartService(unit), { label: `start ${unit}`, sudo: true, signal: run.signal });
}

/**
 * Lets the new release look at the database before the server in use is stopped: one that came up on none would be missed by the others for
 * nothing. @throws ProvisionError with what the release says
 */
async function requireFitting(artifact: Artifact, host: HostRun, run: Run): Promise<void> {
  if (host.member === undefined || !hasFellows(host, run)) return;
  const script = `${unpackReleaseScript('muster', artifact)}
if said=$(runuser -u muster -- "$folder/bin/muster" check-database -c /etc/muster/muster.yaml 2>&1); then exit 0; fi
printf '%s\n' "$said"
`;
  const options = { label: 'look at the database with the new release', sudo: true, signal: run.signal, timeoutSeconds: 300 };
  const said = (await runScript(connectionOf(host), script, options)).trim().replace(/^error: /u, '');
  if (said !== '') throw new ProvisionError(`The server of ${host.host.name} was not stopped, and serves. ${said}`);
}

const configurationOf = (host: HostRun, run: Run): ManagedFile =>
  serverConfiguration({ address: addressOf(host), databaseUrl: wantedDatabaseUrl(host, run), patroni: patroniAccess(host, run) });

/** What is told of a file with a password is that it changes. */
function configurationChange(observed: Observed, host: HostRun, run: Run): Change[] {
  const changes = fileChange(configurationOf(host, run), observed.config);
  return wantedDatabaseUrl(host, run) === undefined ? changes : changes.map(({ what }) => ({ what }));
}

function passwordChange(observed: Observed, host: HostRun, run: Run): Change[] {
  const file = patroniPassword(host, run);
  return file === undefined ? [] : fileChange(file, observed.password).map(({ what }) => ({ what }));
}

/** A server that came up on an empty database would make an installation of its own there. */
function requireMoved({ unmoved }: Run): void {
  if (unmoved === undefined) return;
  throw new ProvisionError(
    `What the embedded database of ${unmoved} holds could not be moved into the one of the pool, and no server is started before. Mend that, then run the same command again.`,
  );
}

/** With the embedded database in place of the pool's a server would begin anew, and know none of the nodes. */
function requireSameDatabase({ hasUrl, hasLeft }: Observed, host: HostRun, run: Run): void {
  if (wantedDatabaseUrl(host, run) !== undefined) return;
  if (!hasUrl && hasLeft) {
    throw new ProvisionError(
      `What the embedded database of ${host.host.name} held was moved into another one, and the inventory has the server alone with a new, empty one. ` +
        'Name the other members in [management] and [witness] again, or set muster_database_url as it was. To go back to how it was before the move, ' +
        'rename /var/lib/muster/postgres-before-move there to postgres; what came since is then lost.',
    );
  }
  if (!hasUrl) return;
  throw new ProvisionError(
    `The server on ${host.host.name} uses the database of a pool or one of your own, and the inventory has it alone with the embedded one: it would know none of the nodes. ` +
      'Name the other members in [management] and [witness] again, or set muster_database_url as it was.',
  );
}

function addressOf({ host, address }: HostRun): string {
  if (address !== undefined) return address;
  throw new ProvisionError(`${host.name} has no address that agents could use. Set my_iface to the interface of the cluster's network.`);
}

async function answers(host: HostRun, run: Run): Promise<boolean> {
  try {
    await lookAtServer(host, run);
    if (hasFellows(host, run)) await seeMember(host, run);
    return true;
  } catch (error) {
    if (error instanceof ProvisionError) return false;
    throw error;
  }
}

async function lookAtServer(host: HostRun, run: Run): Promise<void> {
  run.nodes = await readNodes(connectionOf(host), run.signal);
  run.panelUrl = panelUrl(addressOf(host));
}
