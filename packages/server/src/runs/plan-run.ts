import { type AgentControl, problem, type RunStart } from '@muster/api';
import { expandRange, type Inventory, InventoryError, inventoryWorld, NodeRangeError } from '@muster/core';
import {
  clusterOf,
  controlExtent,
  driverNeeded,
  hostsOfRun,
  phasesFor,
  ProvisionError,
  readCheckNames,
  type ClusterHost,
} from '@muster/provision';

/** What a run would do, as far as it can be said before a host is asked. */
export type RunPlan = {
  /** The hosts it works on. */
  readonly hosts: readonly string[];
  /** Those that it has to log in to and cannot as root, and why. */
  readonly unreachable: readonly { readonly host: string; readonly reason: string }[];
  /** Names of its phases that concern any of the hosts. */
  readonly phases: readonly string[];
};

type Choice = Pick<RunStart, 'limit' | 'only' | 'skip' | 'skipCheck'>;

/** The server's ways in, by the name of the node. */
export type Ways = ReadonlyMap<string, Pick<AgentControl, 'address' | 'port' | 'hostKeys' | 'full'>>;

/** Plans a run from the server. Pure. @throws ProblemError for whatever the run would refuse before it asks a host */
export function planRun(inventory: Inventory, { limit, only, skip, skipCheck }: Choice, ways: Ways): RunPlan {
  return inWords(() => {
    const phases = phasesFor({ ...(only.length === 0 ? {} : { only }), ...(skip.length === 0 ? {} : { skip }) });
    readCheckNames(skipCheck, 'skipCheck');
    const cluster = clusterOf(inventory, driverNeeded(phases));
    const names = limit === undefined ? undefined : expandRange(limit, inventoryWorld(inventory), { allowEmpty: false });
    const { changed, looked } = hostsOfRun(cluster, phases, names);
    const narrows = phases.some(({ name }) => name === 'control');
    const unreachable = [...changed, ...looked].flatMap((host) => {
      const reason = reasonAgainst(host, ways, narrows && changed.includes(host));
      return reason === undefined ? [] : [{ host: host.name, reason }];
    });
    return {
      hosts: changed.map(({ name }) => name),
      unreachable,
      phases: phases.filter((phase) => changed.some(phase.concerns)).map(({ name }) => name),
    };
  });
}

const remedy = 'set muster_control=full for it and run "muster apply" once where your keys are';

/** Why the server cannot work on a host as root; undefined where it can. */
function reasonAgainst(host: ClusterHost, ways: Ways, narrows: boolean): string | undefined {
  const way = ways.get(host.name);
  if (way === undefined) return `the server has no way to it: ${remedy}`;
  if (!way.full) return `the server may only start and stop its agent: ${remedy}`;
  if (!narrows || controlExtent(host) === 'full') return undefined;
  return 'this inventory does not say muster_control=full for it, so the run would take away its own way: say so and save it again, or skip the phase control';
}

function inWords<Value>(work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ProvisionError) && !(error instanceof NodeRangeError) && !(error instanceof InventoryError)) throw error;
    throw problem('invalid-request', error.message, undefined, { cause: error });
  }
}
