import type { AgentSettings } from '@muster/api';
import type { Clock, Log } from '@muster/core';
import type { Overlap, Store } from '@muster/store';
import type { Authority } from '@muster/trust';
import type { ArtifactSource } from './artifact-downloads.ts';
import type { MemberRequests } from './member-door.ts';

/** The server's own certificate with the intermediate, and its key, PEM. */
export type DoorIdentity = { readonly chainPem: string; readonly keyPem: string };

/** An authority of this installation; they are counted from 1. */
export type NumberedAuthority = Authority & { readonly generation: number };

/** The authorities in force: one, or two while one replaces the other. Asked anew each time, because that changes while the server runs. */
export type Authorities = {
  /** All that are trusted, the one that signs nodes first. */
  trusted(): readonly [NumberedAuthority, ...NumberedAuthority[]];
  /** Whose certificate is shown to whoever does not ask for another. */
  shown(): NumberedAuthority;
  /** The server's own certificate by this authority. */
  identityOf(authority: NumberedAuthority): DoorIdentity;
  /** Looks for a change that this server has not heard of yet. Cheap to ask often. @throws StoreUnavailable */
  refresh(): Promise<void>;
};

export type GatewayOptions = {
  readonly store: Store;
  readonly authorities: Authorities;
  readonly clock: Clock;
  readonly log: Log;
  readonly serverId: string;
  readonly certificateLifetimeDays: number;
  readonly artifacts: ArtifactSource;
  readonly downloadsAtOnce: number;
  /** What answers the other servers of the pool; undefined while this one starts. */
  readonly members?: () => MemberRequests | undefined;
  /** How long an older certificate of a node stays good beside the one in use. */
  readonly overlap: Overlap;
  /** What the agent of this node is told now, with its servers in its own order; asked anew for each welcome. Without a node: what holds for all. */
  readonly settings: (nodeId?: string) => AgentSettings;
};
