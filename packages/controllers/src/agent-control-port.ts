import type { NodeAgent, ServiceAction } from '@muster/api';

/** The node whose agent something is done with. */
export type ControlledNode = { readonly nodeId: string; readonly nodeName: string };

export type ControlOptions = {
  readonly signal: AbortSignal;
  /** Asked of the agent's state just before anything is done: what was decided earlier may not hold any more. */
  readonly onlyIf?: (agent: NodeAgent) => boolean;
};

/**
 * How an order to an agent's process ended, in words for people. `no-ssh`: there is no way to the node. `unreachable`: nobody answered.
 * `refused`: the host is not the one it was, or does not let us in. `failed`: it was tried and did not work. `unknown`: it was begun, and
 * its end is not known. `not-wanted`: see `onlyIf`.
 */
export type ControlOutcome =
  | { readonly ok: true; readonly message: string }
  | {
      readonly ok: false;
      readonly why: 'no-ssh' | 'unreachable' | 'refused' | 'failed' | 'unknown' | 'not-wanted';
      readonly message: string;
      /** What to run by hand instead. */
      readonly byHand: string;
    };

/** What the loops need of whoever can start, stop and restart agents over SSH. */
export type AgentControlPort = {
  /** Does it, after everything that is under way on the same node, within a time limit of its own. Rejects only as the store does. */
  act(node: ControlledNode, action: ServiceAction, options: ControlOptions): Promise<ControlOutcome>;
};
