/** What the store refuses to start on, as a stable code. */
export type StoreRefusal =
  | 'bad-url'
  | 'sign-in-refused'
  | 'no-database'
  | 'server-too-old'
  | 'not-durable'
  | 'newer-schema'
  | 'migration-changed'
  | 'migration-failed'
  | 'authority-incomplete';

/** The store does not open, and trying again does not help: the message says what to change. */
export class StoreRefused extends Error {
  override readonly name = 'StoreRefused';
  readonly code: StoreRefusal;
  constructor(code: StoreRefusal, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * The database cannot be reached or cannot work now; trying again later can help. A write that ended with this error may or may
 * not have taken place: the connection may have been lost after the commit and before its answer.
 */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

/** A node of this name exists. */
export class NodeExists extends Error {
  override readonly name = 'NodeExists';
  readonly nodeName: string;
  constructor(nodeName: string, options?: ErrorOptions) {
    super(`A node named ${nodeName} exists. Choose another name, or change or remove that node.`, options);
    this.nodeName = nodeName;
  }
}

/** The private address belongs to another node. */
export class AddressTaken extends Error {
  override readonly name = 'AddressTaken';
  readonly address: string;
  constructor(nodeName: string, address: string, options?: ErrorOptions) {
    super(`Node ${nodeName} cannot have the private address ${address}: another node has it. Change or remove that one first.`, options);
    this.address = address;
  }
}

/** No node has this id or name. */
export class NodeNotFound extends Error {
  override readonly name = 'NodeNotFound';
  readonly node: string;
  constructor(node: string) {
    super(`There is no node with the id or name ${JSON.stringify(node)}. It may have been removed; list the nodes to see.`);
    this.node = node;
  }
}

/** The node was changed since the caller read it. */
export class RevisionConflict extends Error {
  override readonly name = 'RevisionConflict';
  readonly currentRevision: number;
  constructor(nodeName: string, givenRevision: number, currentRevision: number) {
    super(
      `Node ${nodeName} was changed meanwhile: it is at revision ${currentRevision}, not ${givenRevision}. Read it again and repeat the change.`,
    );
    this.currentRevision = currentRevision;
  }
}

/** Why the embedded PostgreSQL does not start, as a stable code. */
export type EmbeddedPostgresFailure =
  | 'already-running'
  | 'no-binaries'
  | 'no-user'
  | 'not-reachable'
  | 'wrong-owner'
  | 'other-version'
  | 'initialization-failed'
  | 'did-not-start'
  | 'did-not-stop';

/** The embedded PostgreSQL cannot run; the message says why and what to do. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError';
  readonly code: EmbeddedPostgresFailure;
  constructor(code: EmbeddedPostgresFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Whether an error is one of those that pass by themselves, so that the caller may try again later. */
export const isStoreUnavailable = (error: unknown): error is StoreUnavailable => error instanceof StoreUnavailable;
