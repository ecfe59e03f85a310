import { applyPhases } from '../src/apply.ts';
import { letGo } from '../src/engine/let-go.ts';
import { runPhases } from '../src/engine/run-phases.ts';
import type { HostRun, Run } from '../src/engine/phase.ts';
import { ClusterFixture, KeptReport } from './cluster-fixture.ts';

/** A run that stands before a phase: those before it have looked, and nothing was changed. */
export type BeforePhase = { readonly run: Run; readonly host: (name: string) => HostRun };

/** A cluster that an earlier run has finished. */
export async function finishedCluster(inventory?: string): Promise<ClusterFixture> {
  const fixture = new ClusterFixture(inventory);
  const run = fixture.run();
  const { failures } = await runPhases(applyPhases, run, new KeptReport());
  await letGo(run.hosts);
  if (failures.size > 0) throw new Error(`the cluster of the test could not be made: ${JSON.stringify([...failures.values()])}`);
  for (const host of fixture.hosts.values()) host.forget();
  return fixture;
}

/** Lets the phases before the named one look at the hosts, in a dry run. */
export async function before(phase: string, fixture: ClusterFixture): Promise<BeforePhase> {
  const run = fixture.run({ dryRun: true });
  const index = applyPhases.findIndex(({ name }) => name === phase);
  const { failures } = await runPhases(applyPhases.slice(0, index), run, new KeptReport());
  if (failures.size > 0) throw new Error(`a phase before ${phase} failed: ${JSON.stringify([...failures.values()])}`);
  const host = (name: string): HostRun => {
    const found = run.hosts.find((one) => one.host.name === name);
    if (found === undefined) throw new Error(`there is no host ${name}`);
    return found;
  };
  return { run, host };
}
