import type { ClusterHost } from '../host/cluster.ts';

/** A moment of a run on one host: before or after a phase, or the whole run. */
export type HookMoment = {
  readonly when: 'before' | 'after';
  /** Undefined for the whole run. */
  readonly phase?: string;
  readonly host: ClusterHost;
  /** What became of it: `unchanged`, `changed`, `failed`; only after. */
  readonly result?: string;
};

/** Programs of the operator's own that a run calls on the provisioner. */
export type Hooks = {
  /** Whether there is one, so that the hosts are not gone through for nothing. */
  has(when: HookMoment['when'], phase?: string): boolean;
  /** Rejects when the program fails, with the end of what it said. */
  call(moment: HookMoment, signal: AbortSignal): Promise<void>;
};
