import type { CharSet } from './char-set.ts';
import type { PatternNode } from './parse-pattern.ts';

/**
 * One state of Thompson's construction. `split` goes on in both; `start` and `end` go on only at an end of the text;
 * `chars` goes on after one character of its set.
 */
export type PatternState =
  | { readonly kind: 'chars'; readonly set: CharSet; readonly next: number }
  | { readonly kind: 'split'; readonly nexts: readonly number[] }
  | { readonly kind: 'start' | 'end'; readonly next: number }
  | { readonly kind: 'match' };

/** The states of a pattern; state 0 is the match. */
export interface PatternProgram {
  readonly states: readonly PatternState[];
  readonly entry: number;
}

/** Writes a parsed pattern out as states (K. Thompson, Regular expression search algorithm, 1968). */
export function compilePattern(pattern: PatternNode): PatternProgram {
  const states: PatternState[] = [{ kind: 'match' }];
  const entry = write(pattern, 0, states);
  return { states, entry };
}

/** Writes a node whose match goes on at `next`; gives its first state. */
function write(node: PatternNode, next: number, states: PatternState[]): number {
  switch (node.kind) {
    case 'chars':
      return states.push({ kind: 'chars', set: node.set, next }) - 1;
    case 'start':
    case 'end':
      return states.push({ kind: node.kind, next }) - 1;
    case 'sequence':
      return node.parts.reduceRight((following, part) => write(part, following, states), next);
    case 'choice': {
      const nexts = node.options.map((option) => write(option, next, states));
      return states.push({ kind: 'split', nexts }) - 1;
    }
    case 'repeat':
      return writeRepeat(node, next, states);
  }
}

function writeRepeat(node: PatternNode & { kind: 'repeat' }, next: number, states: PatternState[]): number {
  let entry = next;
  if (node.max === Infinity) {
    const nexts: number[] = [next];
    entry = states.push({ kind: 'split', nexts }) - 1;
    nexts.push(write(node.body, entry, states));
  } else {
    for (let count = node.min; count < node.max; count++) {
      const body = write(node.body, entry, states);
      entry = states.push({ kind: 'split', nexts: [body, next] }) - 1;
    }
  }
  for (let count = 0; count < node.min; count++) entry = write(node.body, entry, states);
  return entry;
}
