import type { NodeRangeError, NodeRangeProblem } from './node-range-error.ts';

/** One range may take so many steps: some 2,000,000 names, or a second of a processor at the worst. */
const MAX_STEPS = 100_000_000;
/** What making a name and looking it up costs, in steps. */
export const STEPS_PER_NAME = 50;
/** What asking a node for an attribute costs, in steps. */
export const STEPS_PER_ATTRIBUTE = 10;

/**
 * What is left of the work that one range may cause. A range can come from anyone who may list nodes, and a short text can
 * name a great deal: `n[1-999999999999]`, or a thousand regexes over every node.
 */
export class RangeBudget {
  #left = MAX_STEPS;

  /** Takes steps away. Throws what `fault` makes when too few are left. */
  spend(steps: number, fault: (problem: NodeRangeProblem) => NodeRangeError): void {
    this.#left -= steps;
    if (this.#left >= 0) return;
    throw fault({
      fault: 'too-large',
      problem: 'this names more than can be looked at in one range',
      advice: 'Check its numbers; name groups, or split it into several ranges.',
    });
  }
}
