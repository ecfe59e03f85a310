import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { MemberCertificate } from '@muster/api';
import type { Clock } from '@muster/core';

export type MemberCertificatesParts = {
  /** PEM, the server's own certificate first. */
  readonly serverChain: () => string;
  /** The file of the machine's certificate in the pool; undefined where the database is none of Muster's pool. */
  readonly poolFile: string | undefined;
  readonly clock: Pick<Clock, 'monotonicMs'>;
};

/** A renewed one is seen after so long. */
const lookEveryMs = 30_000;

/** How long the certificates of this server are good: asked every second, looked at twice a minute. */
export class MemberCertificates {
  readonly #parts: MemberCertificatesParts;
  #seen: readonly MemberCertificate[] = [];
  #seenAtMs = -Infinity;

  constructor(parts: MemberCertificatesParts) {
    this.#parts = parts;
  }

  /** Never rejects: of one that cannot be read the end is null. */
  async current(): Promise<readonly MemberCertificate[]> {
    const { serverChain, poolFile, clock } = this.#parts;
    const nowMs = clock.monotonicMs();
    if (nowMs - this.#seenAtMs < lookEveryMs) return this.#seen;
    const pool = poolFile === undefined ? [] : [{ kind: 'pool' as const, expiresAt: endOf(await readFile(poolFile).catch(() => '')) }];
    this.#seen = [{ kind: 'server', expiresAt: endOf(serverChain()) }, ...pool];
    this.#seenAtMs = nowMs;
    return this.#seen;
  }
}

function endOf(pem: string | Buffer): string | null {
  try {
    return new X509Certificate(pem).validToDate.toISOString();
  } catch {
    return null;
  }
}
