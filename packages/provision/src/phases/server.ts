import { artifactFor } from '../artifacts.ts';
import { connectionOf, factsOf } from '../engine/host-run.ts';
import type { Change, HostRun, Phase, Run } from '../engine/phase.ts';
import { installReleaseScript } from '../host/install-release.ts';
import { fileChange, hashLine, writeManaged } from '../host/managed-file.ts';
import { readLines, runScript } from '../host/run-script.ts';
import { serverConfiguration, serverUnit } from '../host/server-files.ts';
import { askServer, readNodes } from '../host/server-cli.ts';
import { ProvisionError } from '../provision-error.ts';
import { releaseMark } from './stage.ts';

type Observed = { readonly release: string; readonly user: boolean; readonly unit: string; readonly config: string; readonly active: boolean; readonly enabled: boolean };

const observeScript = `
printf 'release=%s\\n' "$(cat /opt/muster/${releaseMark} 2>/dev/null)"
if id muster >/dev/null 2>&1; then echo user=yes; else echo user=no; fi
${hashLine('unit', serverUnit.path)}
${hashLine('config', '/etc/muster/muster.yaml')}
printf 'active=%s\\n' "$(systemctl is-active muster.service 2>/dev/null)"
printf 'enabled=%s\\n' "$(systemctl is-enabled muster.service 2>/dev/null)"
`;

/** The management server on the driver: user, release, configuration, unit, running and answering. */
export const serverPhase: Phase<Observed> = {
  name: 'server',
  concerns: (host) => host.roles.includes('driver'),
  observe: async (host, run) => {
    const lines = readLines(await runScript(connectionOf(host), observeScript, { label: 'look at the server', sudo: true, signal: run.signal }));
    const observed = {
      release: lines.get('release') ?? '',
      user: lines.get('user') === 'yes',
      unit: lines.get('unit') ?? '',
      config: lines.get('config') ?? '',
      active: lines.get('active') === 'active',
      enabled: lines.get('enabled') === 'enabled',
    };
    if (observed.active) await lookAtServer(host, run);
    return observed;
  },
  plan: (observed, host, run) => {
    const artifact = artifactFor('server', run.artifacts, factsOf(host));
    const changes: Change[] = [
      ...(observed.user ? [] : [{ what: 'make the system user muster' }]),
      ...(observed.release === artifact.sha256 ? [] : [{ what: `install the server ${artifact.version} in /opt/muster` }]),
      ...fileChange(configurationOf(host), observed.config),
      ...fileChange(serverUnit, observed.unit),
      ...(observed.enabled ? [] : [{ what: 'enable muster.service' }]),
    ];
    if (!observed.active) return [...changes, { what: 'start muster.service' }];
    return changes.length === 0 ? [] : [...changes, { what: 'restart muster.service' }];
  },
  act: async (observed, host, run) => {
    const connection = connectionOf(host);
    const artifact = artifactFor('server', run.artifacts, factsOf(host));
    const prepare = `
set -eu
id muster >/dev/null 2>&1 || useradd --system --user-group --home-dir /var/lib/muster --no-create-home --shell /usr/sbin/nologin muster
mkdir -p /etc/muster
${observed.release === artifact.sha256 ? '' : installReleaseScript('muster', artifact)}
ln -sfn /opt/muster/bin/muster /usr/local/bin/muster
`;
    await runScript(connection, prepare, { label: 'install the server', sudo: true, signal: run.signal, timeoutSeconds: 300 });
    await writeManaged(connection, configurationOf(host), run.signal);
    await writeManaged(connection, serverUnit, run.signal);
    const start = 'set -eu; systemctl daemon-reload; systemctl enable --quiet muster.service; systemctl restart muster.service';
    await runScript(connection, start, { label: 'start muster.service', sudo: true, signal: run.signal });
  },
  verify: async (host, run) => {
    const wait = `
i=0
while [ $i -lt 120 ]; do
  if /opt/muster/bin/muster --socket /run/muster/muster.sock status -o name >/dev/null 2>&1; then exit 0; fi
  if [ "$(systemctl is-failed muster.service)" = failed ]; then break; fi
  i=$((i + 1)); sleep 0.5
done
journalctl -u muster.service -n 15 --no-pager -o cat >&2
exit 1
`;
    await runScript(connectionOf(host), wait, { label: 'wait for the server to answer', sudo: true, signal: run.signal, timeoutSeconds: 180 });
    await lookAtServer(host, run);
  },
};

function configurationOf(host: HostRun) {
  if (host.address === undefined) throw new ProvisionError(`${host.host.name} has no address that agents could use. Set my_iface to the interface of the cluster's network.`);
  return serverConfiguration(host.address);
}

async function lookAtServer(host: HostRun, run: Run): Promise<void> {
  run.nodes = await readNodes(connectionOf(host), run.signal);
  const link = run.dryRun ? undefined : await askServer(connectionOf(host), ['sign-in-link', '-o', 'json'], { signal: run.signal });
  if (link === undefined) return;
  const { url } = JSON.parse(link) as { url: string };
  run.signInUrl = url;
  run.panelUrl = new URL(url).origin;
}
