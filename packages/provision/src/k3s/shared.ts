import type { NodeWatch } from './node-watch.ts';

/** What the machines of a k3s cluster share during a run. */
export type K3sShared = {
  /** Name of the server that has the cluster or will make it; the others join through it. */
  readonly founder: string;
  /** SHA-256 of the token by which machines join, with the hash of the cluster's authority in it; `none` while there is no cluster. */
  tokenHash: string;
  /** The token itself, while machines need it. It travels on standard input only. */
  token?: string;
  /** Looks at the cluster's nodes for everyone who waits. */
  watch?: NodeWatch;
};
