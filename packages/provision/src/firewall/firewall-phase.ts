import { connectionOf, factsOf } from '../engine/host-run.ts';
import type { HostRun, Phase, Run } from '../engine/phase.ts';
import { isNode } from '../host/cluster.ts';
import { runScript } from '../host/run-script.ts';
import { ProvisionError } from '../provision-error.ts';
import { actLines, actScript } from './act-script.ts';
import { type FirewallSeen, lookScript, readFirewall } from './look.ts';
import { firewallChanges, type FirewallPlan, planFirewall } from './plan-firewall.ts';
import { wantedRules, wantsFirewall } from './rules.ts';

const nothing: FirewallPlan = { add: [], remove: [], forget: [] };

/**
 * Opens a firewall that the host runs itself, ufw or firewalld, for what the cluster needs of the host: from the addresses of its other
 * hosts, each port of the table. A host without an active one is not even asked. Rules of an earlier run that nothing needs any more go.
 */
export const firewallPhase: Phase<FirewallPlan> = {
  name: 'firewall',
  concerns: isNode,
  informs: true,
  observe: async (host, run) => {
    const plan = await look(host, run);
    host.closedTo = new Set(plan.add.map(({ owner }) => owner));
    return plan;
  },
  plan: firewallChanges,
  act: (plan, host, run) => changeFirewall(host, run, plan),
  verify: async (host, run) => {
    const { add } = await look(host, run);
    if (add.length === 0) return;
    const left = firewallChanges({ ...nothing, add }).map(({ what }) => what);
    throw new ProvisionError(
      `The firewall of ${host.host.name} does not keep the rules it was given; there is still to do: ${left.join('; ')}. Does something else on the host change it back? To open the ports yourself, set muster_firewall=no.`,
    );
  },
};

async function look(host: HostRun, run: Run): Promise<FirewallPlan> {
  const facts = factsOf(host);
  const isOn = wantsFirewall(host.host);
  if (!facts.hasFirewallNotes && (facts.firewalls.length === 0 || !isOn)) return nothing;
  const byName = new Map(run.hosts.map((one) => [one.host.name, one]));
  return planFirewall(await lookAtFirewall(host, run), {
    rules: wantedRules(host, run),
    isOn,
    interface: facts.addresses.find(({ address }) => address === host.address)?.interface,
    isUndecided: (owner) => byName.has(owner) && byName.get(owner)?.address === undefined,
  });
}

/** What the firewalls of a host let in, and what runs have added. Changes nothing. */
export async function lookAtFirewall(host: HostRun, run: Run): Promise<FirewallSeen> {
  const options = { label: 'look at the firewall', sudo: true, signal: run.signal, maxOutputBytes: 64 * 1024 * 1024 };
  return readFirewall(await runScript(connectionOf(host), lookScript, options));
}

/** Makes a plan true; an empty one still gives back what is kept of firewalld. May be repeated after a failure anywhere. */
export async function changeFirewall(host: HostRun, run: Run, plan: FirewallPlan): Promise<void> {
  const options = { label: 'change the firewall', sudo: true, signal: run.signal, stdin: actLines(plan) };
  // ufw is started anew for each rule, a fifth of a second where nothing else is at work.
  const timeoutSeconds = 300 + 2 * (plan.add.length + plan.remove.length);
  await runScript(connectionOf(host), actScript, { ...options, timeoutSeconds });
}
