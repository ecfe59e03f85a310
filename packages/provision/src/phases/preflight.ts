import { factsOf } from '../engine/host-run.ts';
import type { Phase } from '../engine/phase.ts';
import { preflightProblems } from '../host/preflight.ts';
import { ProvisionError } from '../provision-error.ts';

/** Names everything that stands in the way of a host, at once, before anything is touched. */
export const preflightPhase: Phase<undefined> = {
  name: 'preflight',
  concerns: () => true,
  observe: async (host) => {
    const problems = preflightProblems(host.host, factsOf(host));
    if (problems.length > 0) throw new ProvisionError(`${host.host.name} cannot be used: ${problems.join('; ')}.`);
    return undefined;
  },
  plan: () => [],
};
