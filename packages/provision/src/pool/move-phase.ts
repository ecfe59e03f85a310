import { artifactFor } from '../artifacts.ts';
import { connectionOf, factsOf } from '../engine/host-run.ts';
import type { HostRun, Phase, Run } from '../engine/phase.ts';
import { installReleaseScript } from '../host/install-release.ts';
import { readLines, runScript } from '../host/run-script.ts';
import { workAlone } from '../packages/package-work.ts';
import { noteRestart } from '../host/service.ts';
import { ProvisionError } from '../provision-error.ts';
import { releaseMark } from '../phases/stage.ts';
import { wantedDatabaseUrl } from './database-url.ts';
import { sharesDatabase } from './members.ts';

type Observed = { readonly hasEmbedded: boolean; readonly release: string };

const lookScript = `
if [ -d /var/lib/muster/postgres ]; then echo embedded=yes; fi
printf 'release=%s\\n' "$(cat /opt/muster/${releaseMark} 2>/dev/null)"
`;

/**
 * Stopped and not to be started at a boot either: a server that came up on the other database before it is filled would make an installation
 * of its own there. Alone, as the move of a run that was killed goes on. Agents keep what they have to say meanwhile. The URL comes on standard input and goes on in the environment.
 */
const moveScript = `
set -eu
${workAlone}
systemctl disable --quiet --now muster.service 2>/dev/null || systemctl stop muster.service
IFS= read -r MUSTER_DATABASE_URL
export MUSTER_DATABASE_URL
exec runuser -u muster -- /opt/muster/bin/muster move-database -c /etc/muster/muster.yaml
`;

/** What a single server keeps in its embedded database goes into the shared one, before any server uses that. */
export const poolMovePhase: Phase<Observed> = {
  name: 'pool-move',
  needs: ['pool-key', 'stage'],
  informs: true,
  concerns: sharesDatabase,
  observe: async (host, run) => {
    const lines = readLines(
      await runScript(connectionOf(host), lookScript, { label: 'look for an embedded database', sudo: true, signal: run.signal }),
    );
    const hasEmbedded = lines.get('embedded') === 'yes';
    if (hasEmbedded) requireAlone(host, run);
    else if (run.unmoved === host.host.name) delete run.unmoved;
    return { hasEmbedded, release: lines.get('release') ?? '' };
  },
  plan: ({ hasEmbedded }) =>
    hasEmbedded ? [{ what: 'stop the server and move what its embedded database holds into the one of the pool' }] : [],
  act: async ({ release }, host, run) => {
    const connection = connectionOf(host);
    const artifact = artifactFor('server', run.artifacts, factsOf(host));
    const options = { sudo: true, signal: run.signal };
    // Only the release of this run has the command that moves.
    const install = `set -eu\n${noteRestart('muster.service')}\n${release === artifact.sha256 ? '' : installReleaseScript('muster', artifact, { isKept: true })}`;
    await runScript(connection, install, { ...options, label: 'install the server', timeoutSeconds: 300 });
    const stdin = `${wantedDatabaseUrl(host, run) ?? ''}\n`;
    await runScript(connection, moveScript, { ...options, label: 'move the embedded database', stdin, timeoutSeconds: 3600 });
    delete run.unmoved;
  },
};

/** Two installations cannot become one. */
function requireAlone(host: HostRun, run: Run): void {
  const other = run.hosts.find((one) => one !== host && (one.server?.isShared === true || one.server?.hasEmbedded === true));
  if (other === undefined || host.server?.isShared === true) return;
  const why = other.server?.isShared === true ? 'uses the database of the pool already' : 'has an embedded database too';
  throw new ProvisionError(
    `${host.host.name} has a server with an embedded database, and ${other.host.name} ${why}: two installations cannot become one. ` +
      `Reset the one that is not wanted (muster reset --limit NAME), then run the same command again.`,
  );
}
