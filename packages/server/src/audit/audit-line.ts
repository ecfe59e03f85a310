import { isDeepStrictEqual } from 'node:util';
import { problem, type ProblemError, type Route, type Session } from '@muster/api';
import { type AuditResult, isStoreUnavailable, type NewAuditEntry, type Store } from '@muster/store';
import { auditedInput } from './audited-input.ts';
import type { LateLines } from './late-lines.ts';
import type { AuditedRecords, AuditedThing } from './audited-records.ts';

/** What a handler knows of its request and the path does not say. */
export type AuditNotes = {
  /** The names of all nodes it is about, where that is not the one in its path. */
  concerns(nodes: readonly string[]): void;
  /** The one thing it is about. */
  about(id: string | null, name: string | null): void;
  /** The thing before and after, exactly as the change saw it; without this it is read around the request. */
  changed(before: AuditedThing | null, after: AuditedThing | null): void;
  /** Who it was, where that was known only afterwards: a sign-in. */
  by(session: Session): void;
  /** Who it is by his own word: the address given at a sign-in. */
  claims(name: string): void;
};

export type AuditLineParts = {
  readonly audit: Store['audit'];
  readonly records: AuditedRecords;
  readonly name: string;
  readonly route: Route;
  readonly address: string;
  /** Whether this much may be written about whoever it is, and how many lines before it were not. */
  readonly mayWrite: (key: string) => { readonly leftOut: number } | undefined;
  /** Takes what is to be written once the database is back. */
  readonly late: Pick<LateLines, 'add'>;
};

type Who = NewAuditEntry['who'];
const nobody: Who = { kind: 'nobody', id: null, name: '', role: null };

const whoOf = ({ kind, id, email, name, role }: Session): Who => ({ kind, id, name: email ?? name, role });

/**
 * The line of one request in the audit log. For whoever is signed in it is written before anything is done (`begin`), and how it ended
 * before the answer goes out (`done`, `refused`): so no change is acknowledged that the log does not know, and none takes place
 * that it does not at least know of as asked for.
 */
export class AuditLine implements AuditNotes {
  readonly #parts: AuditLineParts;
  #who: Who = nobody;
  #target: NewAuditEntry['target'] = null;
  #input: NewAuditEntry['input'] = null;
  #nodes: readonly string[] | undefined;
  #before: AuditedThing | undefined;
  #change: { before: AuditedThing | null; after: AuditedThing | null } | undefined;
  #id: number | undefined;
  #isLate = false;

  constructor(parts: AuditLineParts, params: Readonly<Record<string, unknown>>) {
    this.#parts = parts;
    const kind = parts.route.path.split('/')[1] ?? '';
    const [key] = Object.values(params);
    this.#target = { kind, id: null, name: typeof key === 'string' ? key : null };
  }

  concerns(nodes: readonly string[]): void {
    this.#nodes = nodes;
  }

  about(id: string | null, name: string | null): void {
    this.#target = { kind: this.#target?.kind ?? '', id, name };
  }

  changed(before: AuditedThing | null, after: AuditedThing | null): void {
    this.#change = { before, after };
    const thing = after ?? before;
    if (thing !== null) this.about(thing.id, thing.name);
  }

  by(session: Session): void {
    this.#who = whoOf(session);
  }

  claims(name: string): void {
    this.#who = { ...nobody, name };
  }

  /** Takes note of what was sent, once it has passed its schema. */
  sent(body: unknown): void {
    this.#input = auditedInput(this.#parts.route.body, body);
  }

  /** Writes down what is about to be done, when somebody is signed in. @throws StoreUnavailable */
  async begin(): Promise<void> {
    await this.#readBefore();
    if (this.#who.kind === 'nobody') return;
    try {
      this.#id = await this.#parts.audit.begin(this.#entry(0));
    } catch (error) {
      if (!this.#mayBeLate(error)) throw error;
      this.#isLate = true;
    }
  }

  /** Writes down that it was done. @throws ProblemError `store-unavailable` when that cannot be written, and so must not be acknowledged */
  async done(status: number, answer: unknown): Promise<void> {
    if (this.#isLate) return this.#writeLate({ status, code: null, message: null, before: null, after: null });
    const change = this.#change ?? (await this.#readAfter(answer));
    const result = { status, code: null, message: null, ...this.#recordsOf(change) };
    try {
      if (this.#id === undefined) await this.#parts.audit.record(this.#entry(0), this.#resultOf(result));
      else await this.#parts.audit.end(this.#id, this.#resultOf(result));
    } catch (cause) {
      if (this.#mayBeLate(cause)) return this.#writeLate(result);
      const said = 'This may have been done, but it could not be written down that it was. Look before you try again.';
      throw problem('store-unavailable', said, undefined, { cause });
    }
  }

  /** Writes down that it was not done, as far as the limits for such lines allow. @throws StoreUnavailable */
  async refused({ problem: { status, code, detail } }: ProblemError): Promise<void> {
    if (this.#isLate) return this.#writeLate({ status, code, message: detail, before: null, after: null });
    const result = this.#resultOf({ status, code, message: detail, before: null, after: null });
    if (this.#id !== undefined) return this.#parts.audit.end(this.#id, result);
    const { kind, id } = this.#who;
    const allowed = this.#parts.mayWrite(kind === 'nobody' ? this.#parts.address : `${kind} ${id}`);
    if (allowed !== undefined) await this.#parts.audit.record(this.#entry(allowed.leftOut), result);
  }

  /** Whether this may be done without its line: only what brings the database back. */
  #mayBeLate(error: unknown): boolean {
    return this.#parts.route.audit === 'may-be-late' && isStoreUnavailable(error);
  }

  #writeLate(given: Pick<AuditResult, 'status' | 'code' | 'message' | 'before' | 'after'>): void {
    const { audit, late, name: what, address: from } = this.#parts;
    const [id, entry, result] = [this.#id, this.#entry(0), this.#resultOf(given)];
    const about = { what, from, by: this.#who.name, target: this.#target?.name, status: given.status };
    late.add(about, () => (id === undefined ? audit.record(entry, result) : audit.end(id, result)));
  }

  #entry(leftOut: number): NewAuditEntry {
    const { name: what, address: from } = this.#parts;
    return { who: this.#who, from, what, target: this.#target, input: this.#input, leftOut };
  }

  #resultOf(result: Pick<AuditResult, 'status' | 'code' | 'message' | 'before' | 'after'>): AuditResult {
    const target = this.#target === null ? null : { id: this.#target.id, name: this.#target.name };
    const own = this.#target?.kind === 'nodes' && this.#target.name !== null ? [this.#target.name] : [];
    return { ...result, target, nodes: this.#nodes ?? own };
  }

  #recordsOf({ before, after }: { before: AuditedThing | null; after: AuditedThing | null }): Pick<AuditResult, 'before' | 'after'> {
    if (isDeepStrictEqual(before?.record, after?.record)) return { before: null, after: null };
    return { before: before?.record ?? null, after: after?.record ?? null };
  }

  async #readBefore(): Promise<void> {
    const key = this.#target?.name;
    if (key === null || key === undefined) return;
    this.#before = await this.#read(key);
    if (this.#before !== undefined) this.about(this.#before.id, this.#before.name);
  }

  async #readAfter(answer: unknown): Promise<{ before: AuditedThing | null; after: AuditedThing | null }> {
    const id = this.#before?.id ?? idIn(answer);
    const after = id === undefined ? undefined : await this.#read(id);
    if (after !== undefined) this.about(after.id, after.name);
    else if (this.#before === undefined && id !== undefined) this.about(id, null);
    return { before: this.#before ?? null, after: after ?? null };
  }

  /** A thing that is not there has no record; one that cannot be read now must not keep anybody from what he is doing. */
  #read(idOrName: string): Promise<AuditedThing | undefined> {
    const read = this.#parts.records[this.#target?.kind ?? ''];
    return read === undefined ? Promise.resolve(undefined) : read(idOrName).catch(() => undefined);
  }
}

const idIn = (answer: unknown): string | undefined =>
  typeof answer === 'object' && answer !== null && 'id' in answer && typeof answer.id === 'string' ? answer.id : undefined;
