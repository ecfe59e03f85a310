import { takeFreeText } from './free-text.ts';
import { quoted } from './node-range-error.ts';
import { parsePatternHere } from './parse-pattern-here.ts';
import type { AttributeOperator, AttributeTerm } from './range-ast.ts';
import type { RangeReader } from './range-reader.ts';

/** Takes `attribute op value`, or nothing when the term is something else. Throws NodeRangeError. */
export function parseAttribute(reader: RangeReader): AttributeTerm | undefined {
  const offset = reader.at;
  const found = reader.takeMatch(/([A-Za-z_][A-Za-z0-9_./-]*)[ \t]*(=~|!~|!=|<=|>=|=|<|>)/y);
  if (found === undefined) return undefined;
  const attribute = found[1] ?? '';
  const operator = (found[2] ?? '=') as AttributeOperator;
  const afterOperator = reader.at;
  reader.skipBlanks();
  if (operator === '=~' || operator === '!~') {
    const pattern = parsePatternHere(reader, 'part', operator);
    return { kind: 'attribute', attribute, operator, value: pattern.source, pattern, ...reader.since(offset) };
  }
  const start = reader.at;
  refuseForeignOperator(reader, operator, afterOperator);
  const isQuoted = reader.peek === '"';
  const value = takeFreeText(reader);
  if (value === '' && !isQuoted) throw noValue(reader, attribute, operator, offset);
  if (operator !== '=' && operator !== '!=' && numberOf(value) === undefined) {
    const advice = `Compare with a number without a unit, like ${attribute}${operator}32.`;
    throw reader.fault(reader.since(start), { fault: 'bad-value', problem: `${quoted(value)} is not a number`, advice });
  }
  return { kind: 'attribute', attribute, operator, value, ...reader.since(offset) };
}

/**
 * xCAT writes `==`, others `=>` or `=<`. Read as an operator and a value that begins with the second sign, `health!==bad`
 * would be every node there is.
 */
function refuseForeignOperator(reader: RangeReader, operator: AttributeOperator, afterOperator: number): void {
  if (!'=<>!~'.includes(reader.peek) || reader.peek === '') return;
  const advice = 'Write one of = != =~ !~ < <= > >=; put a value that begins with such a sign in quotation marks.';
  const problem = `there is no operator ${operator}${reader.peek}`;
  throw reader.fault({ offset: afterOperator, length: reader.at - afterOperator + 1 }, { fault: 'unexpected', problem, advice });
}

function noValue(reader: RangeReader, attribute: string, operator: AttributeOperator, offset: number): Error {
  const advice = `Write a value after it, or "" for an empty one.`;
  const problem = `no value after ${attribute}${operator}`;
  return reader.fault(reader.since(offset), { fault: 'empty-term', problem, advice });
}

/** The number that a text is, or undefined. Decimal, without unit or exponent. */
export function numberOf(text: string): number | undefined {
  return /^[+-]?\d{1,300}(?:\.\d{1,300})?$/.test(text) ? Number(text) : undefined;
}
