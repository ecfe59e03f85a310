import { foldNames } from './fold-names.ts';
import { namesOf, sequenceBetween, sequenceLength, splitInTheMiddle, type NameSequence } from './name-sequence.ts';
import { cut, quoted, type NodeRangeProblem } from './node-range-error.ts';
import type { NodeSet } from './node-set.ts';
import { numberText, runLength, type NumberRun } from './number-run.ts';
import { STEPS_PER_NAME } from './range-budget.ts';
import type { WorldIndex } from './range-world.ts';
import { didYouMean, suggestName } from './suggest-name.ts';
import type { TermPort } from './term-port.ts';

/** So many unknown names are told of; whoever mistypes a range of thousands does not want to read them all. */
const MOST_TOLD = 20;

/** Adds the nodes of a word: a node, else a group, else two of them with a hyphen between. Throws NodeRangeError. */
export function findWord(word: string, index: WorldIndex, port: TermPort, into: NodeSet): void {
  port.spend(STEPS_PER_NAME);
  const atFault = index.add(word, into);
  if (atFault === undefined) return;
  if (atFault !== word) throw port.fault(brokenGroup(word, atFault));
  const halves = splitInTheMiddle(word);
  const sequence = halves === undefined ? undefined : sequenceBetween(...halves);
  if (sequence === undefined || ('fault' in sequence && sequence.fault === 'not-a-sequence')) throw port.fault(unknownWord(word, index));
  findSequence(sequence, index, port, into);
}

/** Adds the nodes from one node or group to another. Throws NodeRangeError. */
export function findBetween(first: string, last: string, index: WorldIndex, port: TermPort, into: NodeSet): void {
  const sequence = sequenceBetween(first, last);
  // That a name does not exist tells more than that it does not fit the other.
  if ('fault' in sequence && sequence.fault === 'not-a-sequence') addAll([first, last], index, port, into);
  findSequence(sequence, index, port, into);
}

/** Adds the nodes of a sequence of nodes or groups. Throws NodeRangeError, also for what made no sequence. */
export function findSequence(sequence: NameSequence | NodeRangeProblem, index: WorldIndex, port: TermPort, into: NodeSet): void {
  if ('fault' in sequence) throw port.fault(sequence);
  port.spend(sequenceLength(sequence) * STEPS_PER_NAME);
  addAll(namesOf(sequence), index, port, into);
}

/** Adds the nodes of a name with brackets: the product of all of them. Throws NodeRangeError. */
export function findPattern(parts: readonly (string | readonly NumberRun[])[], index: WorldIndex, port: TermPort, into: NodeSet): void {
  const sizes = parts.map((part) => (typeof part === 'string' ? 1 : part.reduce((total, run) => total + runLength(run), 0)));
  port.spend(sizes.reduce((product, size) => product * size, STEPS_PER_NAME));
  let names = [''];
  for (const part of parts) {
    const texts = typeof part === 'string' ? [part] : part.flatMap((run) => numbersOf(run));
    names = names.length === 1 ? texts.map((text) => names[0] + text) : names.flatMap((name) => texts.map((text) => name + text));
  }
  addAll(names, index, port, into);
}

const numbersOf = (run: NumberRun): string[] =>
  Array.from({ length: runLength(run) }, (_, at) => numberText(run.first + at * run.step, run.width));

function addAll(names: Iterable<string>, index: WorldIndex, port: TermPort, into: NodeSet): void {
  const missing: string[] = [];
  const existing: string[] = [];
  for (const name of names) {
    const atFault = index.add(name, into);
    if (atFault === undefined) {
      if (existing.length < MOST_TOLD) existing.push(name);
      continue;
    }
    if (atFault !== name) throw port.fault(brokenGroup(name, atFault));
    if (missing.push(name) > MOST_TOLD) break;
  }
  if (missing.length > 0) throw port.fault(missingNames(missing, existing, index));
}

/** Names of a sequence or product that do not exist; of the others some do, which is the best hint there is. */
function missingNames(missing: readonly string[], existing: readonly string[], index: WorldIndex): NodeRangeProblem {
  const told = missing.slice(0, MOST_TOLD);
  const [first = ''] = told;
  const problem = `no node or group is named ${cut(foldNames(told))}${missing.length > MOST_TOLD ? ' and more' : ''}`;
  const otherwise = existing.length === 0 ? SEE_NAMES : `Name only what exists, such as ${quoted(foldNames(existing))}.`;
  const suggestion = told.length === 1 && existing.length === 0 ? suggestName(first, index.knownNames()) : undefined;
  return { fault: 'unknown-name', problem, advice: didYouMean(suggestion, otherwise), names: told };
}

const SEE_NAMES = 'See which nodes and groups there are, and name only those.';

function brokenGroup(group: string, member: string): NodeRangeProblem {
  const problem = `the group ${group} has a node ${member}, which does not exist`;
  return { fault: 'unknown-name', problem, advice: 'Remove it from the group, or add the node.', names: [member] };
}

/** What is wrong with a word that is nothing by itself and no sequence. */
function unknownWord(word: string, index: WorldIndex): NodeRangeProblem {
  const pairs = splitsAtHyphens(word);
  const both = pairs.find((pair) => pair.every((name) => index.isKnown(name)));
  const unlike = both === undefined ? undefined : sequenceBetween(...both);
  if (unlike !== undefined && 'fault' in unlike) return unlike;
  const suggestion = suggestName(word, index.knownNames());
  if (suggestion !== undefined) return unknownName(word, suggestion);
  for (const pair of pairs) {
    const [stranger, ...strangers] = pair.filter((name) => !index.isKnown(name));
    if (stranger === undefined || strangers.length > 0) continue;
    const meant = suggestName(stranger, index.knownNames());
    if (meant !== undefined) return unknownName(stranger, meant);
  }
  return unknownName(word, undefined);
}

const unknownName = (name: string, suggestion: string | undefined): NodeRangeProblem => ({
  fault: 'unknown-name',
  problem: `no node or group is named ${cut(name)}`,
  advice: didYouMean(suggestion, SEE_NAMES),
  names: [name],
});

/** Every way to see two names with a hyphen between them in a word, as long as there are few. */
function splitsAtHyphens(word: string): [string, string][] {
  const parts = word.split('-');
  if (parts.length > MOST_HYPHENS) return [];
  return parts.slice(1).map((_, at) => [parts.slice(0, at + 1).join('-'), parts.slice(at + 1).join('-')]);
}

const MOST_HYPHENS = 20;
