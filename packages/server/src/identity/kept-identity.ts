import type { Clock, Log } from '@muster/core';
import type { Authority } from '@muster/trust';
import { makeServerIdentity, serverCertificateDays, type ServerIdentity } from './server-identity.ts';

const dayMs = 86_400_000;
/** A server that runs for a year renews at two thirds, as nodes do. */
const renewAtAgeMs = (serverCertificateDays * dayMs * 2) / 3;

export type KeptIdentityParts = {
  readonly authority: Authority;
  /** Names and addresses by which this server is reached. */
  readonly hosts: readonly string[];
  /** By which the other servers of the pool know this one. */
  readonly serverId: string;
  readonly clock: Clock;
  readonly log: Log;
};

/** The server's own certificate by one authority, kept valid for as long as the server runs. */
export class KeptIdentity {
  readonly #parts: KeptIdentityParts;
  #current: ServerIdentity;
  #madeAtMs: number;

  private constructor(parts: KeptIdentityParts, current: ServerIdentity) {
    this.#parts = parts;
    this.#current = current;
    this.#madeAtMs = parts.clock.wallMs();
  }

  static async make(parts: KeptIdentityParts): Promise<KeptIdentity> {
    const { authority, hosts, serverId, clock } = parts;
    return new KeptIdentity(parts, await makeServerIdentity(authority, hosts, new Date(clock.wallMs()), serverId));
  }

  get current(): ServerIdentity {
    return this.#current;
  }

  /** One look. Never throws: a failure is tried again at the next. */
  async renewWhenDue(onRenewed: (identity: ServerIdentity) => void): Promise<void> {
    const { authority, hosts, serverId, clock, log } = this.#parts;
    const nowMs = clock.wallMs();
    if (nowMs - this.#madeAtMs < renewAtAgeMs) return;
    try {
      this.#current = await makeServerIdentity(authority, hosts, new Date(nowMs), serverId);
      this.#madeAtMs = nowMs;
      onRenewed(this.#current);
      log.info({}, 'the certificate of this server was renewed');
    } catch (error) {
      log.error({ error: String(error) }, 'the certificate of this server could not be renewed; tried again tomorrow');
    }
  }
}
