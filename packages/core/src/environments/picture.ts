import type { EnvironmentsReport, EnvironmentWork } from '@muster/api';

/** An environment, also one that was removed: nodes may still have it. */
export type PicturedEnvironment = {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly definitionSha256: string;
  readonly selector: string | null;
  readonly removed: boolean;
  /** Removed also from under processes that use it. */
  readonly force: boolean;
};

/** A node, with its last report of environments; null before the first. */
export type PicturedNode = {
  readonly id: string;
  readonly name: string;
  readonly groups: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly environments: 'on' | 'off';
  readonly registered: boolean;
  readonly connected: boolean;
  readonly report: EnvironmentsReport | null;
  readonly reportedAt: string | null;
};

/** What was offered to a node last, and what became of it. `passed-over`: environments were off there at that time. */
export type PicturedWork = Omit<EnvironmentWork, 'state'> & {
  readonly nodeId: string;
  readonly environmentId: string;
  readonly revision: number;
  readonly state: EnvironmentWork['state'] | 'passed-over';
  /** Whether the time to try again has come, by the database's clock. */
  readonly retryDue: boolean;
  /** Whether the node has reported after this last changed: only then does its report say how it came out. */
  readonly reportedSince: boolean;
};

/** Everything that decides about environments, at one moment. */
export type EnvironmentPicture = {
  readonly environments: readonly PicturedEnvironment[];
  readonly nodes: readonly PicturedNode[];
  readonly work: readonly PicturedWork[];
};
