import { connectionOf } from '../engine/host-run.ts';
import type { HostRun, Phase, Run } from '../engine/phase.ts';
import { runScript } from '../host/run-script.ts';
import { ProvisionError } from '../provision-error.ts';
import { deleteNode, drainNode, leaveEtcd } from './cluster-work.ts';
import { dataFolder } from './files.ts';
import { k3sMark } from './look.ts';
import { isOfK3s } from './members.ts';
import type { RemainingK3s } from './remaining-k3s.ts';

const stopK3s = `
[ -e ${k3sMark} ] || exit 0
for unit in k3s-agent.service k3s.service; do
  [ ! -e /etc/systemd/system/$unit ] || systemctl disable --quiet --now $unit
done
`;

/** A server that holds data of the cluster is, as far as anybody can tell, a member of its etcd. */
const lookForData = `if [ -e ${k3sMark} ] && [ -d ${dataFolder}/server/db ]; then echo data=yes; fi`;

type Observed = { readonly isKnown: boolean; readonly isReady: boolean; readonly unanswered?: string };

/**
 * A machine that leaves a k3s which stays: its pods move away, then the cluster forgets it. Servers leave one after the other, each first out
 * of etcd and only while all others are Ready, so that those that stay keep their majority. Where all of it is reset nobody is asked.
 */
export const k3sLeavePhase = (remaining: RemainingK3s | undefined): Phase<Observed> => ({
  name: 'k3s-leave',
  concerns: (host) => remaining !== undefined && isOfK3s(host),
  observe: async (host, run) => {
    const { nodes, unanswered } = (await remaining?.ask()) ?? { nodes: new Map<string, never>() };
    if (unanswered !== undefined && isServer(host)) await requireNoMember(host, run, unanswered);
    const node = nodes.get(host.host.name);
    return { isKnown: node !== undefined, isReady: node?.isReady === true, ...(unanswered === undefined ? {} : { unanswered }) };
  },
  plan: ({ isKnown, isReady, unanswered }, host) => {
    const { name } = host.host;
    if (unanswered !== undefined)
      return [
        {
          what: `leave the node ${name} in k3s, whose servers do not answer (${unanswered}); once they do, run on one: k3s kubectl delete node ${name}`,
        },
      ];
    if (!isKnown) return [];
    return [
      ...(isReady ? [{ what: `drain ${name} in k3s` }] : []),
      ...(isServer(host) ? [{ what: `take ${name} out of etcd` }] : []),
      { what: `delete the node ${name} of k3s` },
    ];
  },
  act: async ({ isKnown, isReady }, host, run) => {
    if (!isKnown || remaining === undefined) return;
    await (isServer(host)
      ? remaining.inTurn(async () => {
          await requireOthersReady(host, run, remaining);
          await leave(host, run, { remaining, isReady });
        })
      : leave(host, run, { remaining, isReady }));
  },
});

const isServer = ({ host: { roles } }: HostRun): boolean => roles.includes('k3s-server');

async function leave(host: HostRun, run: Run, how: { readonly remaining: RemainingK3s; readonly isReady: boolean }): Promise<void> {
  const { api } = how.remaining;
  if (api === undefined) return;
  const { name } = host.host;
  // The pods of a node that is not Ready have been moved, or cannot be.
  if (how.isReady) await drainNode({ ...host, connection: api }, run, name);
  if (isServer(host)) await leaveEtcd(api, run, name);
  // One that still runs would come back: it registers anew at its next start.
  await runScript(connectionOf(host), stopK3s, { label: 'stop k3s', sudo: true, signal: run.signal });
  await deleteNode(api, run, name);
}

/** @throws ProvisionError where servers stay, none answers, and this one may be what they need for a majority */
async function requireNoMember(host: HostRun, run: Run, unanswered: string): Promise<void> {
  const options = { label: 'look for the data of k3s', sudo: true, signal: run.signal };
  const output = await runScript(connectionOf(host), lookForData, options);
  if (!output.includes('data=yes')) return;
  throw new ProvisionError(
    `${host.host.name} is a server of k3s, and of those that stay none answers (${unanswered}). It is not taken off: they could not go on without it. Mend them first, or reset all machines of k3s together.`,
  );
}

/** @throws ProvisionError while another server, which may leave later or stay, is not Ready */
async function requireOthersReady({ host }: HostRun, run: Run, remaining: RemainingK3s): Promise<void> {
  const { nodes, unanswered } = await remaining.askAgain();
  const others = run.cluster.hosts.filter(({ name, roles }) => roles.includes('k3s-server') && name !== host.name);
  const away = others.map(({ name }) => name).filter((name) => nodes.get(name)?.isReady === false);
  if (away.length === 0 && unanswered === undefined) return;
  const why = unanswered === undefined ? `${away.join(', ')} of k3s is not Ready` : `the servers of k3s do not answer (${unanswered})`;
  throw new ProvisionError(
    `${host.name} does not leave while ${why}: the servers that stay could lose their majority. Mend that one, or reset it first, alone, then run the same command again.`,
  );
}
