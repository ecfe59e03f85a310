import { type ClusterHost, isNode } from '../host/cluster.ts';
import { ProvisionError } from '../provision-error.ts';
import type { HostRun, Phase } from './phase.ts';

/** Names of phases to run alone, or to leave out; each text may hold several with commas. */
export type PhaseChoice = { readonly only?: readonly string[]; readonly skip?: readonly string[] };

/** Without these there is nothing that a phase could work with. */
const always: readonly string[] = ['connect', 'detect'];

/** Phases that get along without a management server. */
const withoutServer: readonly string[] = [
  ...always,
  'artifacts',
  'preflight',
  'firewall',
  'reach',
  'apt-mirror',
  'prepare',
  'ntp',
  'netboot',
  'dnsmasq',
  'resolvers',
  'gateway',
  'stage',
  'docker',
  'nvidia',
];

const namesOf = (texts: readonly string[]): string[] =>
  texts
    .flatMap((text) => text.split(','))
    .map((name) => name.trim())
    .filter((name) => name !== '');

/**
 * The phases of a run, in their order; connect and detect are always among them. Pure.
 * @throws ProvisionError for an unknown name, for an option that names none, and for a choice that leaves nothing
 */
export function choosePhases(all: readonly Phase[], { only, skip }: PhaseChoice): readonly Phase[] {
  const wanted = only === undefined ? undefined : checked(all, '--only', only);
  const left = skip === undefined ? [] : checked(all, '--skip', skip);
  const kept = left.find((name) => always.includes(name));
  if (kept !== undefined) throw new ProvisionError(`--skip ${kept}: ${always.join(' and ')} always run; nothing works without them.`);
  const chosen = all.filter(({ name }) => always.includes(name) || ((wanted?.includes(name) ?? true) && !left.includes(name)));
  const isEmpty = chosen.length === always.length && wanted?.some((name) => always.includes(name)) !== true;
  if (isEmpty) throw new ProvisionError('--only and --skip leave no phase to run.');
  return chosen;
}

function checked(all: readonly Phase[], option: string, texts: readonly string[]): string[] {
  const names = namesOf(texts);
  const known = all.map(({ name }) => name).join(', ');
  if (names.length === 0) throw new ProvisionError(`${option} names no phase. The phases are ${known}.`);
  const unknown = names.filter((name) => !all.some((phase) => phase.name === name));
  if (unknown.length === 0) return names;
  throw new ProvisionError(`${option}: there is no phase ${unknown.join(', ')}. The phases are ${known}.`);
}

/** What a choice of phases is to be judged by. */
export type Choice = {
  readonly all: readonly Phase[];
  readonly chosen: readonly Phase[];
  /** All hosts of the cluster. */
  readonly hosts: readonly ClusterHost[];
  /** The hosts of --limit; all without it. */
  readonly isLimited: (host: ClusterHost) => boolean;
};

/**
 * That no phase runs without the phases whose results it needs, as far as they concern any host.
 * @throws ProvisionError naming what is missing, and the choice that would do
 */
export function requireNeeded({ all, chosen, hosts, isLimited }: Choice): void {
  const active = chosen.filter((phase) => hosts.some((host) => isLimited(host) && phase.concerns(host)));
  const isLeftOut = (name: string) => all.some((phase) => phase.name === name && !chosen.includes(phase) && hosts.some(phase.concerns));
  const problems = active.flatMap(({ name, needs = [] }) => {
    const missing = needs.filter(isLeftOut);
    return missing.length === 0 ? [] : [`${name} needs what ${missing.join(' and ')} finds out or makes`];
  });
  if (problems.length === 0) return;
  throw new ProvisionError(`A phase was left out that another needs: ${problems.join('; ')}. Take it in, or leave out both.`);
}

/** Whether any of the phases does on this host what needs a management server. */
export const needsServer = (phases: readonly Phase[], host: ClusterHost): boolean =>
  isNode(host) && phases.some((phase) => !withoutServer.includes(phase.name) && phase.concerns(host));

/** What a host is in a run: see `HostRun.part`. */
export function partOf(host: ClusterHost, { chosen, hosts, isLimited }: Choice): Pick<HostRun, 'part'> {
  if (isLimited(host)) return {};
  const isAsked = host.roles.some((role) => ['driver', 'witness', 'slurm-controller', 'k3s-server', 'registry'].includes(role));
  const isNeeded = hosts.some((other) => isLimited(other) && needsServer(chosen, other));
  return { part: isAsked && isNeeded ? 'observed' : 'absent' };
}
