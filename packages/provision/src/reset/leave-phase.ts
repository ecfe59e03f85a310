import type { Phase } from '../engine/phase.ts';
import type { RemainingServer } from './remaining-server.ts';

type Observed = { readonly isKnown: boolean; readonly unanswered?: string };

/** Takes the node off a management server that stays, which revokes its certificate. A server that is down is told of, and does not hold up. */
export const leavePhase = (server: RemainingServer | undefined): Phase<Observed> => ({
  name: 'leave',
  concerns: () => server !== undefined,
  observe: async ({ host }) => {
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
