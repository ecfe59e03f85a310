import { connectionOf } from '../engine/host-run.ts';
import type { HostRun, Phase, Run } from '../engine/phase.ts';
import { runScript } from '../host/run-script.ts';
import { ProvisionError } from '../provision-error.ts';
import { forgetFormer, proveNode } from './cluster-work.ts';
import { decideK3s, type K3sPlan, requireOurs } from './decide.ts';
import { agentConfig, apiPort, unitFile } from './files.ts';
import { installOn } from './install-on.ts';
import { writeToken } from './install.ts';
import { lookScript, readSeen } from './look.ts';
import { machineOf, registriesOf } from './machine.ts';
import { agentsAtOnce } from './members.ts';
import { NodeWatch } from './node-watch.ts';
import { bracketed, clusterAddressOf, endpointOf, serversOf } from './settings.ts';
import { founderOf, sharedOf, tokenFor } from './shared-token.ts';
import { archivesOf, sourcesOf } from './sources.ts';
import { serversBelow } from './versions.ts';

/** The agents of k3s: at most 50 join at a time, and each has its place until it is Ready and has run a pod. */
export const k3sAgentsPhase: Phase<K3sPlan> = {
  name: 'k3s-agents',
  needs: ['k3s-servers'],
  concerns: ({ roles }) => roles.includes('k3s-agent'),
  atOnce: agentsAtOnce,
  before: async (_hosts, run) => {
    founderOf(run);
  },
  observe: async (host, run) => {
    const options = { label: 'look at the agent of k3s', sudo: true, signal: run.signal, timeoutSeconds: 300 };
    const seen = readSeen(await runScript(connectionOf(host), lookScript('agent'), options));
    host.k3s = seen;
    requireOurs(host.host.name, 'agent', seen);
    return decideK3s(seen, {
      kind: 'agent',
      artifacts: await sourcesOf(host, run),
      archives: run.hosts.some((one) => one.host.roles.includes('registry')) ? [] : await archivesOf(host, run),
      files: [agentConfig(machineOf(host), joinUrl(host, run, seen.joinLine)), ...registriesOf(host, run, seen), unitFile('agent')],
      manifests: [],
      token: sharedOf(run).tokenHash,
      hasGpu: machineOf(host).hasGpu,
    });
  },
  plan: ({ changes }) => changes,
  beforeAct: async (_hosts, run) => {
    await tokenFor(run);
  },
  act: async (plan, host, run) => {
    await forgetFormer(founderOf(run), run, host);
    await installOn(host, run, {
      kind: 'agent',
      plan,
      api: founderOf(run),
      takeToken: async () => writeToken(host, run, await tokenFor(run)),
      drains: false,
      mayBecome: (version) => requireServersAt(version, host, run),
    });
  },
  owesProof: true,
  verify: async (host, run) => {
    await proveNode(founderOf(run), run, host);
  },
};

/** An agent is never newer than its servers. @throws ProvisionError that names those that are older */
async function requireServersAt(version: string, { host: { name } }: HostRun, run: Run): Promise<void> {
  const nodes = await new NodeWatch(connectionOf(founderOf(run)), run.signal).nodes();
  const servers = run.cluster.hosts.filter(({ roles }) => roles.includes('k3s-server'));
  const older = serversBelow(version, new Map(servers.map((server) => [server.name, nodes.get(server.name)?.version ?? ''])));
  if (older.length === 0) return;
  throw new ProvisionError(
    `${name} does not get k3s ${version}, because the server ${older.join(', ')} has an older one. Upgrade the servers first: run without --limit, or with them in it.`,
  );
}

/** Where an agent joins. One that joined by another server of the cluster stays with that: afterwards it knows them all. */
function joinUrl(host: HostRun, run: Run, joinLine: string): string {
  const founder = founderOf(run);
  const endpoint = endpointOf({ ...founder, host: host.host, address: clusterAddressOf(founder) });
  const usual = `https://${endpoint}:${apiPort}`;
  const before = /^server: ['"]?(https:\/\/\S+?)['"]?$/u.exec(joinLine)?.[1];
  const addresses = serversOf(run).flatMap((one) => [one.address, one.host.connection.address]);
  const known = addresses.flatMap((one) => (one === undefined ? [] : [`https://${bracketed(one)}:${apiPort}`]));
  return before !== undefined && endpoint === bracketed(clusterAddressOf(founder)) && known.includes(before) ? before : usual;
}
