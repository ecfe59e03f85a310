import { PythonFloat } from './inventory-value.ts';
import type { PythonScalar } from './python-value.ts';

const BOOLEAN = /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/u;
const NULL = /^(?:~|null|Null|NULL|)$/u;
const FLOAT =
  /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/u;
const INTEGER = /^(?:[-+]?0b[01_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$/u;

/** What a plain (unquoted) YAML scalar is taken for. */
export type YamlScalarKind = 'bool' | 'null' | 'int' | 'float' | 'timestamp' | 'str';

/**
 * Which type a plain scalar has by YAML 1.1 as PyYAML reads it: `yes` and `on` are booleans
 * (`y` is not), `017` is octal 15 (`0o17` is text), `1:30` is 90, `1e3` is text.
 */
export function plainScalarKind(text: string): YamlScalarKind | 'special' {
  if (BOOLEAN.test(text)) return 'bool';
  if (NULL.test(text)) return 'null';
  if (INTEGER.test(text)) return 'int';
  if (FLOAT.test(text)) return 'float';
  if (isTimestamp(text)) return 'timestamp';
  return text === '=' || text === '<<' ? 'special' : 'str';
}

/**
 * The value of a scalar of a type; undefined when the text is none of that type, which
 * explicit tags (`!!int x`) and forms like `0x_` make possible.
 */
export function scalarOfKind(text: string, kind: YamlScalarKind): PythonScalar | undefined {
  switch (kind) {
    case 'str':
      return text;
    case 'null':
      return null;
    case 'bool':
      return booleanOf(text);
    case 'int':
      return integerOf(text);
    case 'float':
      return floatOf(text);
    case 'timestamp':
      return timestampText(text);
  }
}

function booleanOf(text: string): boolean | undefined {
  const word = text.toLowerCase();
  if (word === 'yes' || word === 'true' || word === 'on') return true;
  return word === 'no' || word === 'false' || word === 'off' ? false : undefined;
}

function splitSign(text: string): { sign: 1 | -1; digits: string } {
  const digits = text.replaceAll('_', '');
  return {
    sign: digits.startsWith('-') ? -1 : 1,
    digits: /^[+-]/u.test(digits) ? digits.slice(1) : digits,
  };
}

function integerOf(text: string): bigint | undefined {
  const { sign, digits } = splitSign(text);
  const magnitude = magnitudeOf(digits);
  return magnitude === undefined ? undefined : BigInt(sign) * magnitude;
}

function magnitudeOf(digits: string): bigint | undefined {
  if (/^0b[01]+$/u.test(digits) || /^0x[0-9a-fA-F]+$/u.test(digits)) return BigInt(digits);
  if (/^0[0-7]*$/u.test(digits)) return BigInt(`0o${digits}`);
  if (/^[1-9][0-9]*$/u.test(digits)) return BigInt(digits);
  if (!/^[0-9]+(?::[0-9]+)+$/u.test(digits)) return undefined;
  return digits.split(':').reduce((total, part) => total * 60n + BigInt(part), 0n);
}

function floatOf(text: string): PythonFloat | undefined {
  const { sign, digits } = splitSign(text.toLowerCase());
  if (digits === '.inf') return new PythonFloat(sign * Infinity);
  if (digits === '.nan') return new PythonFloat(NaN);
  const parts = digits.split(':');
  const isNumber = parts.every((part) => /^(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[-+]?[0-9]+)?$/u.test(part));
  if (!isNumber) return undefined;
  // Summed from the right as PyYAML does, so that the last bit of the float is the same.
  let total = 0;
  let base = 1;
  for (const part of parts.toReversed()) {
    total += Number(part) * base;
    base *= 60;
  }
  return new PythonFloat(sign * total);
}

const DATE = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/u;
const TIMESTAMP =
  /^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[Tt]|[ \t]+)([0-9]{1,2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]*))?(?:[ \t]*(?:(Z)|([-+])([0-9]{1,2})(?::([0-9]{2}))?))?$/u;

function isTimestamp(text: string): boolean {
  return DATE.test(text) || TIMESTAMP.test(text);
}

/** A date or time as Python's `isoformat` writes it; undefined when no calendar has it. */
function timestampText(text: string): string | undefined {
  const date = DATE.exec(text);
  if (date !== null) return isDay(date[1], date[2], date[3]) ? text : undefined;
  const match = TIMESTAMP.exec(text);
  if (match === null || !isDay(match[1], match[2], match[3]) || !isClock(match[4], match[5], match[6])) return undefined;
  const [, year, month = '', day = '', hour = '', minute, second, fraction = ''] = match;
  const micros = fraction.slice(0, 6).padEnd(6, '0');
  const tail = micros === '000000' ? '' : `.${micros}`;
  const zone = zoneText(match[8], match[9], match[10], match[11]);
  const clock = `${hour.padStart(2, '0')}:${minute}:${second}${tail}`;
  return `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}T${clock}${zone}`;
}

function isClock(hour?: string, minute?: string, second?: string): boolean {
  return Number(hour) <= 23 && Number(minute) <= 59 && Number(second) <= 59;
}

function zoneText(utc?: string, sign?: string, hours = '', minutes = '00'): string {
  if (utc !== undefined) return '+00:00';
  if (sign === undefined) return '';
  const isZero = Number(hours) === 0 && Number(minutes) === 0;
  return `${isZero ? '+' : sign}${hours.padStart(2, '0')}:${minutes}`;
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function isDay(yearText?: string, monthText?: string, dayText?: string): boolean {
  const [year, month, day] = [Number(yearText), Number(monthText), Number(dayText)];
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = month === 2 && isLeap ? 29 : (DAYS[month - 1] ?? 0);
  return year >= 1 && day >= 1 && day <= days;
}
