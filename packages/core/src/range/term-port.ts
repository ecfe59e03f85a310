import type { NodeRangeError, NodeRangeProblem } from './node-range-error.ts';

/** What finding the nodes of a term needs of the range around it. */
export interface TermPort {
  /** The error with the term's place. */
  fault(problem: NodeRangeProblem): NodeRangeError;
  /** Takes steps from the range's budget. Throws NodeRangeError when it is used up. */
  spend(steps: number): void;
}
