import { findBetween, findPattern, findSequence, findWord } from './find-names.ts';
import { matchAttribute } from './match-attribute.ts';
import { sequenceFrom } from './name-sequence.ts';
import { inNaturalOrder } from './natural-order.ts';
import { NodeRangeError, type NodeRangeProblem, type RangeSource, type Span } from './node-range-error.ts';
import type { NodeSet } from './node-set.ts';
import { parseRange, parseRangeSource } from './parse-range.ts';
import type { TextPattern } from './pattern/text-pattern.ts';
import type { RangeItem, RangeLevel, RangeTerm } from './range-ast.ts';
import { RangeBudget } from './range-budget.ts';
import { readRangeFile } from './range-file.ts';
import { WorldIndex, type RangeWorld } from './range-world.ts';
import type { TermPort } from './term-port.ts';

/** How a range is expanded. */
export interface ExpandOptions {
  /** Whether a range may match nothing. Every other mistake stays one. */
  readonly allowEmpty?: boolean;
}

/**
 * The nodes that a range names, in natural order, each once. Throws NodeRangeError for whatever could make it other nodes
 * than were meant, and for a range that matches nothing. The same text and world always give the same.
 */
export function expandRange(text: string, world: RangeWorld, options: ExpandOptions = {}): string[] {
  const ast = parseRange(text);
  const index = new WorldIndex(world);
  const allowEmpty = options.allowEmpty ?? false;
  const found = new RangeEvaluator(ast.source, { index, budget: new RangeBudget(), allowEmpty }).level(ast);
  if (found.isEmpty && !allowEmpty) {
    const problem = world.names.length === 0 ? 'there are no nodes yet' : 'the range matches no node';
    throw new NodeRangeError(ast.source, ast, { fault: 'matches-nothing', problem, advice: ALLOW_EMPTY });
  }
  return inNaturalOrder(found.pick(world.names));
}

const ALLOW_EMPTY = 'Check what it asks for, intersects and excludes; if it may be empty, say --allow-empty.';

/** What every part of one range shares. */
interface Evaluation {
  readonly index: WorldIndex;
  readonly budget: RangeBudget;
  readonly allowEmpty: boolean;
}

/** Finds the nodes of what stands in one text: the range itself, or a line of a file. */
class RangeEvaluator {
  readonly #source: RangeSource;
  readonly #shared: Evaluation;

  constructor(source: RangeSource, shared: Evaluation) {
    this.#source = source;
    this.#shared = shared;
  }

  /** Exclusions come last on their level, wherever they stand: the order of items never matters. */
  level(level: RangeLevel): NodeSet {
    const included = this.#shared.index.none();
    const excluded = this.#shared.index.none();
    this.#addItems(level, included, excluded);
    if (!this.#shared.allowEmpty && level.items.every((item) => item.excludes)) throw this.#onlyExcludes(level);
    included.subtract(excluded);
    return included;
  }

  #addItems({ items }: RangeLevel, included: NodeSet, excluded: NodeSet): void {
    for (const item of items) this.#addItem(item, item.excludes ? excluded : included);
  }

  /** A term alone goes into the set around it: a range of 100,000 names must not make as many sets. */
  #addItem(item: RangeItem, into: NodeSet): void {
    const [first, ...others] = item.terms;
    if (first === undefined) return;
    if (others.length === 0) return this.#addTerm(first, into);
    const common = this.#setOf(first);
    for (const term of others) common.intersect(this.#setOf(term));
    into.unite(common);
  }

  #setOf(term: RangeTerm): NodeSet {
    const found = this.#shared.index.none();
    this.#portOf(term).spend(found.wordCount);
    this.#addTerm(term, found);
    return found;
  }

  #addTerm(term: RangeTerm, into: NodeSet): void {
    const { index } = this.#shared;
    const port = this.#portOf(term);
    switch (term.kind) {
      case 'all':
        port.spend(into.wordCount);
        return index.addAll(into);
      case 'word':
        return findWord(term.word, index, port, into);
      case 'pattern':
        return findPattern(term.parts, index, port, into);
      case 'between':
        return findBetween(term.first, term.last, index, port, into);
      case 'from':
        return findSequence(sequenceFrom(term.first, term.more), index, port, into);
      case 'regex':
        return matchNames(term.pattern, index, port, into);
      case 'attribute':
        return matchAttribute(term, index, port, into);
      case 'file':
        return into.unite(this.#file(term.path, term));
      case 'level':
        port.spend(2 * into.wordCount);
        return into.unite(this.level(term));
    }
  }

  /**
   * A file is a level of its own with a range on each line. A line that only excludes does so for the whole file: that is
   * what whoever puts `-node50` under a list of nodes means, and by itself it would mean nothing.
   */
  #file(path: string, span: Span): NodeSet {
    const { index } = this.#shared;
    const found = index.none();
    const excluded = index.none();
    for (const source of readRangeFile(path, this.#source, index.world, span)) {
      const line = parseRangeSource(source);
      const evaluator = new RangeEvaluator(source, this.#shared);
      if (new Set(line.items.map((item) => item.excludes)).size === 1) evaluator.#addItems(line, found, excluded);
      else {
        evaluator.#portOf(line).spend(2 * found.wordCount);
        found.unite(evaluator.level(line));
      }
    }
    found.subtract(excluded);
    return found;
  }

  #portOf(span: Span): TermPort {
    const fault = (problem: NodeRangeProblem): NodeRangeError => new NodeRangeError(this.#source, span, problem);
    return { fault, spend: (steps) => this.#shared.budget.spend(steps, fault) };
  }

  #onlyExcludes(level: RangeLevel): NodeRangeError {
    const advice = 'Write what to exclude it from, like all,-node01.';
    return new NodeRangeError(this.#source, level, { fault: 'matches-nothing', problem: 'this only excludes', advice });
  }
}

function matchNames(pattern: TextPattern, index: WorldIndex, port: TermPort, into: NodeSet): void {
  const matches = pattern.matcher((visits) => port.spend(visits));
  index.world.names.forEach((name, at) => {
    if (matches(name)) into.add(at);
  });
}
