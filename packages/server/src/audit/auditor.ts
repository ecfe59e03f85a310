import type { Route, RouteName } from '@muster/api';
import { type Clock, type Log, RateLimit } from '@muster/core';
import type { Store } from '@muster/store';
import { AuditLine } from './audit-line.ts';
import { type AuditedRecords, auditedRecords } from './audited-records.ts';
import { LateLines } from './late-lines.ts';

/** Not changes by their method, and yet of interest: a sign-in, and that somebody took the log with him. */
const alsoAudited: ReadonlySet<string> = new Set<RouteName>(['finishOidc', 'exportAudit']);

/** Questions that are sent with a body because they may be long: they change nothing. */
const questions: ReadonlySet<string> = new Set<RouteName>(['expandRange', 'foldRange']);

/** Whether what is asked for by this route is written down. */
export const isAudited = (name: string, { method }: Route): boolean => (method !== 'GET' && !questions.has(name)) || alsoAudited.has(name);

/** Lines about what was refused: for one address or person, and for all together. Nobody can fill the disk with them. */
const refusals = { one: { perMinute: 30, burst: 120 }, all: { perMinute: 120, burst: 2000 } };

/** Writes the audit log: one line for each request that may change something. */
export class Auditor {
  readonly #audit: Store['audit'];
  readonly #records: AuditedRecords;
  readonly #ofOne: RateLimit;
  readonly #ofAll: RateLimit;
  readonly #late: LateLines;
  #leftOut = 0;

  constructor(store: Pick<Store, 'audit' | 'nodes' | 'people' | 'views'>, clock: Clock, log: Log) {
    this.#late = new LateLines(log);
    this.#audit = store.audit;
    this.#records = auditedRecords(store);
    this.#ofOne = new RateLimit(clock, refusals.one);
    this.#ofAll = new RateLimit(clock, refusals.all);
  }

  /** The line for a request, or undefined where none is to be written. */
  open(name: string, route: Route, address: string, params: Readonly<Record<string, unknown>>): AuditLine | undefined {
    if (!isAudited(name, route)) return undefined;
    const kept = { audit: this.#audit, records: this.#records, late: this.#late };
    return new AuditLine({ ...kept, name, route, address, mayWrite: (key: string) => this.#mayWrite(key) }, params);
  }

  #mayWrite(key: string): { leftOut: number } | undefined {
    if (!this.#ofOne.take(key) || !this.#ofAll.take('')) {
      this.#leftOut += 1;
      return undefined;
    }
    const leftOut = this.#leftOut;
    this.#leftOut = 0;
    return { leftOut };
  }
}
