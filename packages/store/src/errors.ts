/** What the store refuses to start on, as a stable code. */
export type StoreRefusal =
  | 'bad-url'
  | 'sign-in-refused'
  | 'no-database'
  | 'server-too-old'
  | 'not-durable'
  | 'newer-schema'
  | 'older-members'
  | 'migration-changed'
  | 'migration-failed'
  | 'authority-incomplete'
  | 'in-use'
  | 'not-empty'
  | 'foreign-tables'
  | 'newer-backup'
  | 'backup-mismatch'
  | 'revocations-unknown';

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

/** Another process works as the same server: this one has no place in the pool, and none of its signs counts any more. */
export class MemberSuperseded extends Error {
  override readonly name = 'MemberSuperseded';
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

/** The address belongs to another node, as its private or as its public one. */
export class AddressTaken extends Error {
  override readonly name = 'AddressTaken';
  readonly address: string;
  constructor(nodeName: string, address: string, owner?: string, options?: ErrorOptions) {
    const has =
      owner === undefined ? 'another node has it. Change or remove that one first' : `${owner} has it. Change or remove that node first`;
    super(`Node ${nodeName} cannot have the address ${address}: ${has}.`, options);
    this.address = address;
  }
}

/** What was asked for does not go with the state in which a node is now; the message says why and what to do. */
export class ActionRefused extends Error {
  override readonly name = 'ActionRefused';
}

/** A view of this name exists. */
export class ViewExists extends Error {
  override readonly name = 'ViewExists';
  constructor(viewName: string, shared: boolean, options?: ErrorOptions) {
    const which = shared ? 'A shared view' : 'A view of yours';
    super(`${which} is named ${JSON.stringify(viewName)} already. Choose another name, or replace that one.`, options);
  }
}

/** No view has this id. */
export class ViewNotFound extends Error {
  override readonly name = 'ViewNotFound';
  constructor() {
    super('There is no such view. It may have been removed; list the views to see.');
  }
}

/** Another member has the lease now, or it has run out: nothing was done. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
  constructor(lease: string) {
    super(`This server does not hold the lease ${lease} any more; nothing was done. Whoever holds it does it.`);
  }
}

/** No member of the pool has this id. */
export class MemberNotFound extends Error {
  override readonly name = 'MemberNotFound';
  constructor() {
    super('There is no such member of the pool. muster pool status lists them.');
  }
}

/** A member that is there cannot be forgotten: it would be back within a second. */
export class MemberStillThere extends Error {
  override readonly name = 'MemberStillThere';
  constructor(member: string) {
    super(
      `${member} is still there. Stop Muster on it first (systemctl disable --now muster), and wait until the pool holds it to be gone.`,
    );
  }
}

/** No kept run of apply has this id. */
export class RunNotFound extends Error {
  override readonly name = 'RunNotFound';
  constructor() {
    super('There is no such run. Only the newest thousand are kept; list the runs to see.');
  }
}

/** No inventory is kept under this name. */
export class InventoryNotFound extends Error {
  override readonly name = 'InventoryNotFound';
  constructor(inventory: string) {
    super(`The server keeps no inventory named ${JSON.stringify(inventory)}. Save it with: muster inventory save ${inventory} -i FILE.`);
  }
}

/** A run of this inventory goes on already. */
export class RunInProgress extends Error {
  override readonly name = 'RunInProgress';
  constructor(inventory: string, { by, startedAt, id }: { readonly by: string; readonly startedAt: string; readonly id: string }) {
    super(
      `${by} runs the inventory ${inventory} since ${startedAt.slice(0, 19)}Z (run ${id.slice(0, 8)}). Wait for its end, or cancel it: muster runs cancel ${id.slice(0, 8)}.`,
    );
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

/** The authority that signed was dropped meanwhile: read the authorities again, and sign anew. */
export class AuthorityRetired extends Error {
  override readonly name = 'AuthorityRetired';
  constructor(generation: number, options?: ErrorOptions) {
    super(
      `Authority ${generation} of this installation is not in force any more. Try again: the next certificate is of its successor.`,
      options,
    );
  }
}

/** A webhook of this name exists. */
export class WebhookExists extends Error {
  override readonly name = 'WebhookExists';
  constructor(webhookName: string, options?: ErrorOptions) {
    super(`A webhook named ${webhookName} exists. Choose another name, or remove that one.`, options);
  }
}

/** No webhook has this id or name. */
export class WebhookNotFound extends Error {
  override readonly name = 'WebhookNotFound';
  constructor(webhook: string) {
    super(`There is no webhook with the id or name ${JSON.stringify(webhook)}. It may have been removed; list the webhooks to see.`);
  }
}

/** Nothing is known of a management controller of this node. */
export class ControllerNotFound extends Error {
  override readonly name = 'ControllerNotFound';
  constructor(nodeName: string, options?: ErrorOptions) {
    super(`No management controller of ${nodeName} is known. Say how it is reached: muster node controller set ${nodeName}.`, options);
  }
}

/** There is no such subscription, or it is somebody else's. */
export class SubscriptionNotFound extends Error {
  override readonly name = 'SubscriptionNotFound';
  constructor(id: string) {
    super(`There is no subscription ${id}. It may have been removed; list the subscriptions to see.`);
  }
}

/** No operation or task has this id. */
export class OperationNotFound extends Error {
  override readonly name = 'OperationNotFound';
  constructor(what: 'operation' | 'task', id: string) {
    super(`There is no ${what} with the id ${id}. List the operations to see which there are.`);
  }
}

/** So much waits for some nodes already that nothing is added: an unreachable node must not collect a pile. */
export class TooManyTasks extends Error {
  override readonly name = 'TooManyTasks';
  readonly nodeNames: readonly string[];
  constructor(nodeNames: readonly string[], limit: number) {
    const [first = '', ...others] = nodeNames;
    const who = others.length === 0 ? `node ${first}` : `${first} and ${others.length} other nodes`;
    super(`Nothing was begun: ${limit} tasks wait for ${who} already. Cancel operations that wait, or leave those nodes out of the range.`);
    this.nodeNames = nodeNames;
  }
}

/** No person has this id or e-mail address. */
export class PersonNotFound extends Error {
  override readonly name = 'PersonNotFound';
  constructor(person: string) {
    super(`There is no account with the id or address ${JSON.stringify(person)}. It may have been removed; list the people to see.`);
  }
}

/** There is an account with this e-mail address. */
export class PersonExists extends Error {
  override readonly name = 'PersonExists';
  constructor(email: string, options?: ErrorOptions) {
    super(`There is an account with the address ${email}. Change or remove that one, or give another address.`, options);
  }
}

/** Without this person nobody could decide who may what. */
export class LastAdministrator extends Error {
  override readonly name = 'LastAdministrator';
  constructor(email: string) {
    super(
      `${email} is the last administrator of all nodes who can sign in, and stays one. Make somebody else administrator and let him sign in first.`,
    );
  }
}

/** No key has this id, or it is somebody else's. */
export class ApiKeyNotFound extends Error {
  override readonly name = 'ApiKeyNotFound';
  constructor(id: string) {
    super(`There is no key with the id ${JSON.stringify(id)} here. List the keys to see.`);
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

/** No environment has this id or name. */
export class EnvironmentNotFound extends Error {
  override readonly name = 'EnvironmentNotFound';
  constructor(environment: string) {
    super(`There is no environment with the id or name ${JSON.stringify(environment)}. It may have been removed; list them to see.`);
  }
}

/** An environment of this name exists. */
export class EnvironmentExists extends Error {
  override readonly name = 'EnvironmentExists';
  constructor(environment: string) {
    super(`An environment named ${environment} exists. Choose another name, or change that one.`);
  }
}

/** The environment was changed since the caller read it. */
export class EnvironmentChanged extends Error {
  override readonly name = 'EnvironmentChanged';
  constructor(environment: string, given: number, current: number) {
    super(
      `Environment ${environment} was changed meanwhile: it is at version ${current}, not ${given}. Read it again and repeat the change.`,
    );
  }
}

/** There is no such file. */
export class ArtifactNotFound extends Error {
  override readonly name = 'ArtifactNotFound';
  constructor(sha256: string, options?: ErrorOptions) {
    super(`There is no artifact with the SHA-256 ${sha256}. Add the file first: muster artifact add FILE.`, options);
  }
}

/** The file is needed. */
export class ArtifactInUse extends Error {
  override readonly name = 'ArtifactInUse';
  constructor(artifact: string, environments: readonly string[], options?: ErrorOptions) {
    const by = environments.length === 0 ? 'an environment' : environments.join(', ');
    super(`${artifact} cannot be removed: it belongs to the present version or the one before of ${by}.`, options);
  }
}
