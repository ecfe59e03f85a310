import type { AgentSettings } from '@muster/api';
import type { Clock, Log } from '@muster/core';
import type { Store } from '@muster/store';
import type { Authority } from '@muster/trust';

/** The server's own certificate with the intermediate, and its key, PEM. */
export type DoorIdentity = { readonly chainPem: string; readonly keyPem: string };

export type GatewayOptions = {
  readonly store: Store;
  readonly authority: Authority;
  readonly identity: DoorIdentity;
  readonly clock: Clock;
  readonly log: Log;
  readonly serverId: string;
  readonly certificateLifetimeDays: number;
  /** What agents are told now; asked anew for each welcome. */
  readonly settings: () => AgentSettings;
};
