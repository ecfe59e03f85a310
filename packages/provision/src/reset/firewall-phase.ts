import type { Change, Phase } from '../engine/phase.ts';
import { changeFirewall, lookAtFirewall } from '../firewall/firewall-phase.ts';
import type { FirewallSeen } from '../firewall/look.ts';
import { firewallChanges, planRemoval } from '../firewall/plan-firewall.ts';

/**
 * Takes away the rules that runs have added to the host's firewall, by their notes, and gives back the files of firewalld. Before the packages
 * go, among which may be the firewall; after the host has left its clusters, for which it needs its ports.
 */
export const firewallResetPhase: Phase<FirewallSeen> = {
  name: 'firewall',
  concerns: () => true,
  observe: (host, run) => lookAtFirewall(host, run),
  plan: (seen) => {
    const told: Change[] = firewallChanges(planRemoval(seen));
    return told.length === 0 && seen.hasKeptZones ? [{ what: 'give back files of firewalld that were there before' }] : told;
  },
  act: (seen, host, run) => changeFirewall(host, run, planRemoval(seen)),
};
