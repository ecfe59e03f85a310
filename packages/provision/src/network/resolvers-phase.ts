import { dirname } from 'node:path';
import { shellQuote } from '@muster/ssh';
import { connectionOf } from '../engine/host-run.ts';
import type { Change, HostRun, Phase, Run } from '../engine/phase.ts';
import { type ClusterHost, isNode } from '../host/cluster.ts';
import type { ManagedFile } from '../host/managed-file.ts';
import { readLines, runScript } from '../host/run-script.ts';
import { makeFolders, takeBackFiles, undoFolder } from '../host/undo-notes.ts';
import { noteOnce } from '../prepare/act-prepared.ts';
import { ProvisionError } from '../provision-error.ts';
import { lookAtMarked, markedChanges, putChecked, readMarked, requireUntouched, type SeenFile } from './marked-file.ts';
import { serversOf, serviceAddress } from './members.ts';
import {
  resolvConf,
  resolvConfPath,
  resolvedDropIn,
  resolvedSettings,
  resolvedUnit,
  resolverOrder,
  type ResolverPlan,
} from './resolver-files.ts';
import { asksForResolvers, domainOf, wantsResolvers } from './wanted-network.ts';

type Observed = {
  /** By what the host keeps its resolvers: `resolved`, `plain`; another word names what this phase cannot do. */
  readonly way: string;
  readonly seen: ReadonlyMap<string, SeenFile>;
  readonly searched: readonly string[];
  /** Files that a run has written there. */
  readonly noted: readonly string[];
};

const paths = [resolvConfPath, resolvedDropIn];

const lookScript = `
${lookAtMarked(paths)}
for path in ${paths.join(' ')}; do if grep -qxF -- "$path" ${undoFolder}/files 2>/dev/null; then printf 'noted:%s\\n' "$path"; fi; done
target=$(readlink -f ${resolvConfPath} 2>/dev/null || true)
case "$target" in
  /run/systemd/resolve/*) if systemctl -q is-active ${resolvedUnit}; then way=resolved; else way='systemd-resolved, which does not run,'; fi ;;
  */NetworkManager/*) way=NetworkManager ;;
  ${resolvConfPath}|'') if systemctl -q is-active NetworkManager.service 2>/dev/null; then way=NetworkManager; else way=plain; fi ;;
  *) way=$target ;;
esac
printf 'way=%s\\n' "$way"
printf 'search=%s\\n' "$(sed -n 's/^search[[:space:]]*//p' ${resolvConfPath} 2>/dev/null | tail -n 1)"
`;

/** Nodes ask the management servers for names: all of them, each node in an order of its own. */
export const resolversPhase: Phase<Observed> = {
  name: 'resolvers',
  concerns: (host) => isNode(host) && asksForResolvers(host),
  observe: async (host, run) => {
    const options = { label: 'look at the resolvers', sudo: true, signal: run.signal };
    const output = await runScript(connectionOf(host), lookScript, options);
    const lines = readLines(output);
    const observed = {
      way: lines.get('way') ?? '',
      seen: readMarked(output, paths),
      searched: (lines.get('search') ?? '').split(/\s+/u).filter((word) => /^[\w.-]+$/u.test(word)),
      noted: output.split('\n').flatMap((line) => (line.startsWith('noted:/') ? [line.slice('noted:'.length)] : [])),
    };
    if (wantsResolvers(host.host)) warn(host, observed, run);
    return observed;
  },
  plan: (observed, { host }, run) => {
    if (!wantsResolvers(host)) return planOff(observed, host);
    return markedChanges(host, filesOf(observed, host, run), observed.seen, 'replaced');
  },
  act: async (observed, { host, ...rest }, run) => {
    const connection = connectionOf({ host, ...rest });
    const options = { sudo: true, signal: run.signal };
    const isResolved = observed.way === 'resolved';
    if (!wantsResolvers(host)) {
      await runScript(connection, `set -eu\n${takeBack(observed.noted)}`, { ...options, label: 'put the resolvers back' });
      return;
    }
    const note = `set -eu\n${makeFolders(isResolved ? [dirname(resolvedDropIn)] : [])}\n${isResolved ? `${noteOnce}\nnote restarts ${resolvedUnit} ''` : ''}`;
    await runScript(connection, note, { ...options, label: 'note the resolvers' });
    const files = filesOf(observed, host, run);
    await putChecked(connection, files, { check: 'true', label: 'write the resolvers', signal: run.signal });
    const [first] = serversOf(run.cluster.hosts, 'dns');
    await runScript(
      connection,
      proofScript(
        nameOf(first ?? host),
        files.map(({ path }) => path),
      ),
      { ...options, label: 'ask the management servers for a name' },
    );
  },
};

function warn(host: HostRun, { way }: Observed, run: Run): void {
  if (way !== 'resolved' && way !== 'plain') {
    host.warnings = [
      `its resolvers are kept by ${way === '' ? 'something unknown' : way}, which muster_node_resolvers does not set: name ${orderFor(host.host, run).join(' and ')} there by hand`,
    ];
  } else if (orderFor(host.host, run).length < 2) {
    host.warnings = ['it gets one resolver only, because one management server gives DNS: without that one it finds no names'];
  }
}

const orderFor = (host: ClusterHost, run: Run): string[] =>
  resolverOrder(host.name, serversOf(run.cluster.hosts, 'dns').map(serviceAddress));

function filesOf({ way, searched }: Observed, host: ClusterHost, run: Run): ManagedFile[] {
  const [server] = serversOf(run.cluster.hosts, 'dns');
  if (server === undefined) throw new ProvisionError(`${host.name}: muster_node_resolvers is yes, and no management server gives DNS.`);
  const plan: ResolverPlan = { servers: orderFor(host, run), domain: domainOf(server), searched };
  if (way === 'resolved') return [resolvedSettings(plan)];
  return way === 'plain' ? [resolvConf(plan)] : [];
}

function nameOf(server: ClusterHost): string {
  const domain = domainOf(server);
  return domain === undefined || server.name.includes('.') ? server.name : `${server.name}.${domain}`;
}

const takeBack = (files: readonly string[]): string => `
${takeBackFiles(files)}
${files.includes(resolvedDropIn) ? `systemctl try-restart ${resolvedUnit}` : ''}
`;

/** A node that finds no names is worse off than before: then all is put back. */
const proofScript = (name: string, files: readonly string[]): string => `
set -eu
${files.includes(resolvedDropIn) ? `systemctl restart ${resolvedUnit} || true` : ''}
i=0
until getent -s dns ahostsv4 ${shellQuote(name)} >/dev/null; do
  i=$((i + 1))
  if [ $i -ge 10 ]; then
    ${takeBack(files)}
    echo "the management servers do not answer for "${shellQuote(name)}" from here; its resolvers are as they were before. Is port 53 let through, and does muster-dnsmasq.service run there?" >&2
    exit 1
  fi
  sleep 1
done
`;

function planOff({ noted, seen }: Observed, host: ClusterHost): Change[] {
  for (const path of noted) {
    const state = seen.get(path)?.state;
    if (state === 'edited') requireUntouched(host, path, state);
  }
  return noted.map((path) => ({ what: `put back what was before at ${path}` }));
}
