/** A node that is being drained, as it is seen now. */
export type DrainInput = {
  /** What still runs on the node, in words: `2 tasks`; empty when nothing does. */
  readonly work: readonly string[];
  /** What is left until the deadline, seconds by the database's clock; null without one. */
  readonly deadlineLeftSeconds: number | null;
  /** Whether it was told already that the deadline passed. */
  readonly told: boolean;
};

/** What comes of it. `late`: say once that the deadline passed; the drain goes on, because only a person may end somebody's work. */
export type DrainDecision = { readonly next: 'drained' | 'wait' } | { readonly next: 'late'; readonly message: string };

/** Decides how a drain goes on. Pure. */
export function decideDrain(nodeName: string, { work, deadlineLeftSeconds, told }: DrainInput): DrainDecision {
  if (work.length === 0) return { next: 'drained' };
  if (deadlineLeftSeconds === null || deadlineLeftSeconds > 0 || told) return { next: 'wait' };
  return { next: 'late', message: `${nodeName} is not drained by its deadline: still there are ${work.join(', ')}. The drain goes on.` };
}
