import { quoted } from './node-range-error.ts';
import type { NodeSet } from './node-set.ts';
import { numberOf } from './parse-attribute.ts';
import type { AttributeOperator, AttributeTerm } from './range-ast.ts';
import { STEPS_PER_ATTRIBUTE } from './range-budget.ts';
import type { AttributeValue, WorldIndex } from './range-world.ts';
import { didYouMean, suggestName } from './suggest-name.ts';
import type { TermPort } from './term-port.ts';

/**
 * Adds the nodes that an attribute picks. `!=` and `!~` pick exactly what `=` and `=~` leave, nodes without the attribute among
 * them, as in xCAT and in Kubernetes' selectors; the comparisons pick no node without it. Throws NodeRangeError for an
 * attribute that does not exist, a value it can never have, and a comparison with what is no number.
 */
export function matchAttribute(term: AttributeTerm, index: WorldIndex, port: TermPort, into: NodeSet): void {
  const { world } = index;
  const { attribute } = term;
  const choices = world.attributes?.get(attribute);
  refuseImpossibleValue(term, choices, port);
  const isPicked = pickerOf(term, port);
  let isKnown = choices !== undefined;
  world.names.forEach((name, at) => {
    port.spend(STEPS_PER_ATTRIBUTE);
    const value = world.attributeOf(name, attribute);
    isKnown ||= value !== undefined;
    if (isPicked(listOf(value), name)) into.add(at);
  });
  if (isKnown) return;
  const otherwise = 'Check its spelling; a label is written label.NAME.';
  throw port.fault({
    fault: 'unknown-attribute',
    problem: `no node has an attribute ${attribute}`,
    advice: didYouMean(suggestName(attribute, world.attributes?.keys() ?? []), otherwise),
    names: [attribute],
  });
}

type Values = readonly (string | number)[];
type Picker = (values: Values, name: string) => boolean;

function listOf(value: AttributeValue): Values {
  if (value === undefined) return [];
  return typeof value === 'string' || typeof value === 'number' ? [value] : value;
}

function refuseImpossibleValue(
  { attribute, operator, value }: AttributeTerm,
  choices: readonly string[] | null | undefined,
  port: TermPort,
): void {
  if (choices == null || (operator !== '=' && operator !== '!=') || choices.includes(value)) return;
  throw port.fault({
    fault: 'bad-value',
    problem: `${attribute} is never ${quoted(value)}`,
    advice: didYouMean(suggestName(value, choices), `It is one of ${choices.join(', ')}.`),
    names: [attribute],
  });
}

function pickerOf(term: AttributeTerm, port: TermPort): Picker {
  const { pattern, operator } = term;
  const holds = comparisons.get(operator);
  if (holds !== undefined) return comparisonOf(term, holds, port);
  if (pattern === undefined) return equalityOf(term, port);
  const matches = pattern.matcher((visits) => port.spend(visits));
  const isWanted = operator === '=~';
  return (values) => values.some((value) => matches(String(value))) === isWanted;
}

function equalityOf({ attribute, operator, value: wanted }: AttributeTerm, port: TermPort): Picker {
  const wantedNumber = numberOf(wanted);
  const isWanted = operator === '=';
  const isEqual = (value: string | number, name: string): boolean => {
    if (typeof value === 'string') return value === wanted;
    if (wantedNumber !== undefined) return value === wantedNumber;
    const problem = `${attribute} is a number (${value} on ${name}), and never ${quoted(wanted)}`;
    throw port.fault({ fault: 'bad-value', problem, advice: 'Compare it with a number without a unit.', names: [name] });
  };
  return (values, name) => values.some((value) => isEqual(value, name)) === isWanted;
}

type Comparison = (a: number, b: number) => boolean;

const comparisons: ReadonlyMap<AttributeOperator, Comparison> = new Map<AttributeOperator, Comparison>([
  ['<', (a, b) => a < b],
  ['<=', (a, b) => a <= b],
  ['>', (a, b) => a > b],
  ['>=', (a, b) => a >= b],
]);

function comparisonOf(term: AttributeTerm, holds: Comparison, port: TermPort): Picker {
  const { attribute } = term;
  const bound = numberOf(term.value) ?? NaN;
  return (values, name) =>
    values.some((value) => {
      const number = typeof value === 'number' ? value : numberOf(value);
      if (number !== undefined) return holds(number, bound);
      const problem = `${attribute} of ${name} is ${quoted(String(value))}, which is not a number`;
      throw port.fault({ fault: 'bad-value', problem, advice: 'Compare texts with =, != or =~.', names: [name] });
    });
}
