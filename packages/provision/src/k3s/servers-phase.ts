import { connectionOf } from '../engine/host-run.ts';
import type { HostRun, Phase, Run } from '../engine/phase.ts';
import { runScript } from '../host/run-script.ts';
import { ProvisionError } from '../provision-error.ts';
import { forgetFormer, proveNode } from './cluster-work.ts';
import { decideK3s, type K3sPlan, requireOurs, requireSameToken } from './decide.ts';
import { serverConfig, unitFile } from './files.ts';
import { chooseFounder, joiningOf, requireOneCluster } from './founder.ts';
import { installOn } from './install-on.ts';
import { makeToken, writeToken } from './install.ts';
import { type K3sSeen, lookScript, readSeen } from './look.ts';
import { machineOf, registriesOf, secretHashOf } from './machine.ts';
import { gpuManifest, gpuPath, ingressManifest, ingressPath } from './manifests.ts';
import { NodeWatch } from './node-watch.ts';
import { bracketed, clusterAddressOf, endpointOf, givenToken, portVariable, serversOf } from './settings.ts';
import { founderOf, readToken, sharedOf, tokenFor } from './shared-token.ts';
import { archivesOf, pluginImage, sourcesOf } from './sources.ts';

/** The servers of k3s, one after the other: the first makes the cluster, or has it; the others join it. */
export const k3sServersPhase: Phase<K3sPlan> = {
  name: 'k3s-servers',
  informs: true,
  concerns: ({ roles }) => roles.includes('k3s-server'),
  atOnce: 1,
  before: async (hosts, run) => {
    await Promise.all(hosts.map((host) => lookFirst(host, run)));
    const founder = chooseFounder(
      serversOf(run).map(({ host, failed, k3s }) => ({
        name: host.name,
        failed: failed === true || k3s === undefined,
        hasDatastore: k3s?.hasDatastore === true,
      })),
    );
    const seen = hosts.find(({ host }) => host.name === founder)?.k3s;
    run.k3s = { founder, tokenHash: seen?.fullTokenHash === undefined || seen.fullTokenHash === '' ? 'none' : seen.fullTokenHash };
  },
  observe: async (host, run) => {
    const seen = (host.k3s ??= await lookAt(host, run));
    requireOurs(host.host.name, 'server', seen);
    requireOneCluster({ name: host.host.name, ...seen }, sharedOf(run));
    const given = givenToken(host.host);
    requireSameToken(host.host.name, seen, given === undefined ? undefined : secretHashOf(given));
    return decideK3s(seen, {
      kind: 'server',
      artifacts: await sourcesOf(host, run),
      archives: run.hosts.some((one) => one.host.roles.includes('registry')) ? [] : await archivesOf(host, run),
      files: [configOf(host, run, seen), ...registriesOf(host, run, seen), unitFile('server')],
      manifests: await manifestsOf(host, run, seen),
      token: isFounder(host, run) || seen.hasDatastore ? 'own' : (run.k3s?.tokenHash ?? 'none'),
      hasGpu: machineOf(host).hasGpu,
    });
  },
  plan: ({ changes }) => changes,
  act: async (plan, host, run) => {
    const founder = founderOf(run);
    requireNoFailedServer(host, run);
    await requireOthersReady(plan, host, run);
    if (!isFounder(host, run)) await forgetFormer(founder, run, host);
    await installOn(host, run, {
      kind: 'server',
      plan,
      api: founder,
      takeToken: () => takeToken(host, run),
      drains: true,
    });
    if (isFounder(host, run)) await readToken(run);
  },
  owesProof: true,
  verify: async (host, run) => {
    await proveNode(founderOf(run), run, host);
  },
};

const isFounder = (host: HostRun, run: Run): boolean => run.k3s?.founder === host.host.name;

async function lookAt(host: HostRun, run: Run): Promise<K3sSeen> {
  const options = { label: 'look at the server of k3s', sudo: true, signal: run.signal, timeoutSeconds: 300 };
  return readSeen(await runScript(connectionOf(host), lookScript('server'), options));
}

/** One server that cannot be looked at does not fail the others: it fails by itself when it is looked at again. */
async function lookFirst(host: HostRun, run: Run): Promise<void> {
  const seen = await lookAt(host, run).catch(() => undefined);
  if (seen !== undefined) host.k3s = seen;
}

function configOf(host: HostRun, run: Run, seen: K3sSeen) {
  const founder = founderOf(run);
  const servers = serversOf(run);
  const { name, connection } = host.host;
  const joining = joiningOf(
    { name, ...seen },
    { founder: founder.host.name, founderAddress: bracketed(clusterAddressOf(founder)), servers: servers.length },
  );
  const endpoint = endpointOf(host).replaceAll(/^\[|\]$/gu, '');
  const reached = /^(?:127\.|::1$|localhost$)/u.test(connection.address) ? [] : [connection.address];
  return serverConfig(machineOf(host), joining, [name, clusterAddressOf(host), endpoint, ...reached]);
}

/** What k3s deploys by itself. What was there once stays with the usual values: a file that is gone takes nothing back. */
async function manifestsOf(host: HostRun, run: Run, seen: K3sSeen) {
  const [http, https] = [portVariable(host.host, 'http_port'), portVariable(host.host, 'https_port')];
  const had = (path: string): boolean => (seen.hashes.get(path) ?? 'none') !== 'none';
  const ingress = ingressManifest(http ?? (had(ingressPath) ? 80 : undefined), https ?? (had(ingressPath) ? 443 : undefined));
  const image = await pluginImage(host, run);
  if (image === undefined && had(gpuPath)) return ingress === undefined ? [] : [ingress];
  return [...(ingress === undefined ? [] : [ingress]), ...(image === undefined ? [] : [gpuManifest(image)])];
}

async function takeToken(host: HostRun, run: Run): Promise<void> {
  if (!isFounder(host, run)) {
    await writeToken(host, run, await tokenFor(run));
    return;
  }
  const given = givenToken(host.host);
  await (given === undefined ? makeToken(host, run) : writeToken(host, run, given));
}

/** After one server has failed in this phase nothing is done to the next: two at once could be the majority. */
function requireNoFailedServer(host: HostRun, run: Run): void {
  const failed = serversOf(run).filter((one) => one !== host && one.failed === true && one.k3s !== undefined);
  if (failed.length === 0) return;
  throw new ProvisionError(
    `The server ${failed.map((one) => one.host.name).join(', ')} of k3s has failed, and ${host.host.name} is left as it is: with two away there is no majority. Mend that one, then run the same command again.`,
  );
}

/**
 * A server of several is stopped only while all the others are Ready, also those that this run cannot reach. One that does not run is started
 * whatever the others do: it may be what they wait for. So is one whose API does not answer: there is no majority left to lose.
 */
async function requireOthersReady(plan: K3sPlan, host: HostRun, run: Run): Promise<void> {
  const others = serversOf(run).filter((one) => one !== host);
  if (!plan.starts || host.k3s?.hasDatastore !== true || !host.k3s.service.active || others.length === 0) return;
  const nodes = await new NodeWatch(connectionOf(host), run.signal).nodes().catch(ifUnanswered);
  const isAway = ({ host: { name }, k3s }: HostRun): boolean => {
    const node = nodes?.get(name);
    return node === undefined ? k3s?.hasDatastore === true : !node.isReady;
  };
  const away = nodes === undefined ? [] : others.filter(isAway).map((one) => one.host.name);
  if (away.length === 0) return;
  throw new ProvisionError(
    `${host.host.name} is not restarted while ${away.join(', ')} of k3s is not Ready: with two servers away there is no majority. Mend that one, then run the same command again.`,
  );
}

function ifUnanswered(error: unknown): undefined {
  if (!(error instanceof ProvisionError)) throw error;
  return undefined;
}
