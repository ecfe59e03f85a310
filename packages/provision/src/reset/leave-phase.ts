import { connectionOf } from '../engine/host-run.ts';
import type { HostRun, Phase, Run } from '../engine/phase.ts';
import { isNode } from '../host/cluster.ts';
import { nodeMark } from '../host/node-mark.ts';
import { runScript } from '../host/run-script.ts';
import { ProvisionError } from '../provision-error.ts';
import type { RemainingServer } from './remaining-server.ts';

/** Without a [driver] in the inventory nobody could take the node off its server. @throws ProvisionError where it is one */
async function requireNoServer({ host, ...rest }: HostRun, run: Run): Promise<void> {
  const script = `if [ -e ${nodeMark} ]; then echo marked; fi`;
  const said = await runScript(connectionOf({ host, ...rest }), script, { label: 'look for a node mark', sudo: true, signal: run.signal });
  if (said.trim() === '') return;
  throw new ProvisionError(
    `${host.name} is a node of a management server, and the inventory has no host in the group [driver]. Name that server's host there.`,
  );
}

type Observed = { readonly isKnown: boolean; readonly unanswered?: string };

/** Takes the node off a management server that stays, which revokes its certificate. A server that is down is told of, and does not hold up. */
export const leavePhase = (server: RemainingServer | undefined, isServerUnnamed: boolean): Phase<Observed> => ({
  name: 'leave',
  concerns: (host) => isNode(host) && (server !== undefined || isServerUnnamed),
  observe: async (hostRun, run) => {
    const { host } = hostRun;
    if (isServerUnnamed) await requireNoServer(hostRun, run);
    try {
      return { isKnown: (await server?.knows(host.name)) === true };
    } catch (error) {
      return { isKnown: false, unanswered: error instanceof Error ? error.message : String(error) };
    }
  },
  plan: ({ isKnown, unanswered }, { host }) => {
    if (unanswered !== undefined)
      return [
        {
          what: `leave the node ${host.name} on the management server, which does not answer (${unanswered}); once it does, run there: muster node remove ${host.name}`,
        },
      ];
    return isKnown ? [{ what: `remove the node ${host.name} from the management server and revoke its certificate` }] : [];
  },
  act: async ({ isKnown }, { host }) => {
    if (isKnown) await server?.remove(host.name);
  },
});
