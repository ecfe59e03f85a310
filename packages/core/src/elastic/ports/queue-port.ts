import type { Job, NodeRecord, RunningWork } from '../picture/elastic-picture.ts';

/** A node as its queue has it. Which machine it is, the queue does not know. */
export type QueueNode = Pick<NodeRecord, 'name' | 'state' | 'drain'> & {
  readonly running: readonly RunningWork[];
  /** What the queue takes it for. */
  readonly cores: number;
  readonly memoryBytes: number;
  readonly gpus: number;
  readonly features: readonly string[];
  /** Why it is drained or down, as whoever did it has said; empty where nobody has. */
  readonly reason: string;
};

/** A job in the queue that is no demand for machines now. */
export type JobAside = {
  readonly id: string;
  /**
   * `held`: a person holds it. `waits`: for another job, or a time. `limit`: it may not run more, whatever machines there are. `elsewhere`: it is for
   * a part of the queue that is not Muster's. `not-understood`: it asks for what the planner has no word for; a machine is not guessed.
   */
  readonly because: 'held' | 'waits' | 'limit' | 'elsewhere' | 'not-understood';
  /** In words, with the queue's own. */
  readonly message: string;
};

/** What a queue has at one moment. */
export type QueueSight = {
  readonly jobs: readonly Job[];
  readonly aside: readonly JobAside[];
  readonly nodes: readonly QueueNode[];
};

/**
 * A source of demand. Every function may be repeated after any failure, and throws QueueError of the room `queues` when the queue does not answer,
 * refuses, or says what cannot be read.
 */
export type QueuePort = {
  /** The name it is configured by. */
  readonly name: string;
  observe(signal: AbortSignal): Promise<QueueSight>;
  /** Keeps new work off a node. `reason` is shown by the queue. One that a person has drained stays the person's. */
  drain(node: string, reason: string): Promise<void>;
  /** Gives it work again, where Muster has drained it; nothing otherwise. */
  resume(node: string): Promise<void>;
  /** Tells the queue that the machine is gone: what ran there is put back into the queue, once. */
  lose(node: string, reason: string): Promise<void>;
  /** Forgets a node that was made for one machine; nothing where it is not there. */
  forget(node: string): Promise<void>;
  /** Takes a job away that can never run, with the reason where the queue has room for it. Nothing where it is gone. */
  cancel(jobId: string, reason: string): Promise<void>;
};
