import type { HostRun, Phase, Run } from '../engine/phase.ts';
import { isNode } from '../host/cluster.ts';
import { refusal } from '../preflight/refusal.ts';
import type { Need } from '../preflight/port-table.ts';
import { tryAgain } from '../preflight/reach-ports.ts';
import { ProvisionError } from '../provision-error.ts';

/** Tries again what was closed in the preflight by a firewall that was opened since. */
export const reachPhase: Phase<undefined> = {
  name: 'reach',
  concerns: isNode,
  before: async (hosts, run) => {
    const needs = (run.postponed ?? []).filter((need) => !isStillToOpen(need, run));
    run.reach = needs.length === 0 ? new Map() : await tryAgain(hosts, needs, run);
  },
  observe: async (host, run) => {
    const found = run.reach?.get(host.host.name) ?? [];
    const warnings = found.filter(({ level }) => level === 'warning').map(({ check, text }) => `${text} (${check})`);
    host.warnings = [...warnings, ...closedBeyondLimit(host, run)];
    const errors = found.filter(({ level }) => level === 'error');
    if (errors.length > 0) throw new ProvisionError(refusal(host.host.name, errors));
    return undefined;
  },
  plan: () => [],
};

/** In a dry run nothing was opened: what would be is believed. */
function isStillToOpen({ from, to }: Need, { dryRun, hosts }: Run): boolean {
  const closedTo = dryRun ? hosts.find(({ host }) => host.name === to)?.closedTo : undefined;
  return closedTo?.has(from) === true || closedTo?.has('-') === true;
}

/** Hosts outside --limit whose firewall is not opened for this one. A port may be open all the same, by a rule of somebody else. */
const closedBeyondLimit = ({ host }: HostRun, { hosts }: Run): string[] =>
  hosts
    .filter(({ part, closedTo }) => part !== undefined && closedTo?.has(host.name) === true)
    .map(
      (other) =>
        `the firewall of ${other.host.name}, which is outside --limit, has no rule for it: take ${other.host.name} in if it does not get through (firewall)`,
    );
