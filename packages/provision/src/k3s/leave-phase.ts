import { connectionOf } from '../engine/host-run.ts';
import type { Phase } from '../engine/phase.ts';
import { runScript } from '../host/run-script.ts';
import { deleteNode, drainNode } from './cluster-work.ts';
import { k3sMark } from './look.ts';
import { isOfK3s } from './members.ts';
import type { RemainingK3s } from './remaining-k3s.ts';

const stopK3s = `
[ -e ${k3sMark} ] || exit 0
for unit in k3s-agent.service k3s.service; do
  [ ! -e /etc/systemd/system/$unit ] || systemctl disable --quiet --now $unit
done
`;

type Observed = { readonly isKnown: boolean; readonly isReady: boolean; readonly unanswered?: string };

/** A machine that leaves a k3s which stays: its pods move away, then the cluster forgets it. Where all of it is reset nobody is asked. */
export const k3sLeavePhase = (remaining: RemainingK3s | undefined): Phase<Observed> => ({
  name: 'k3s-leave',
  concerns: (host) => remaining !== undefined && isOfK3s(host),
  observe: async ({ host }) => {
    const { nodes, unanswered } = (await remaining?.ask()) ?? { nodes: new Map<string, never>() };
    const node = nodes.get(host.name);
    return { isKnown: node !== undefined, isReady: node?.isReady === true, ...(unanswered === undefined ? {} : { unanswered }) };
  },
  plan: ({ isKnown, isReady, unanswered }, { host: { name } }) => {
    if (unanswered !== undefined)
      return [
        {
          what: `leave the node ${name} in k3s, whose servers do not answer (${unanswered}); once they do, run on one: k3s kubectl delete node ${name}`,
        },
      ];
    if (!isKnown) return [];
    return [...(isReady ? [{ what: `drain ${name} in k3s` }] : []), { what: `delete the node ${name} of k3s` }];
  },
  act: async ({ isKnown, isReady }, host, run) => {
    const api = remaining?.api;
    if (!isKnown || api === undefined) return;
    const { name } = host.host;
    // The pods of a node that is not Ready have been moved, or cannot be.
    if (isReady) await drainNode({ ...host, connection: api }, run, name);
    // One that still runs would come back: it registers anew at its next start.
    await runScript(connectionOf(host), stopK3s, { label: 'stop k3s', sudo: true, signal: run.signal });
    await deleteNode(api, run, name);
  },
});
