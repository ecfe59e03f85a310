/**
 * A value of an inventory variable, typed as Ansible types it: None is null, an int is a
 * number (a bigint beyond 2^53), a float is a {@link PythonFloat}, lists, tuples and sets are
 * arrays, dicts are maps with their keys as JSON would write them.
 */
export type InventoryValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | PythonFloat
  | TaggedText
  | readonly InventoryValue[]
  | ReadonlyMap<string, InventoryValue>;

/** Variables of a host or a group by name. */
export type Variables = ReadonlyMap<string, InventoryValue>;

/**
 * A float. It is not a plain number because its text matters: `version=1.0` must stay "1.0"
 * where it goes into a file, and 1.0 is not the int 1.
 */
export class PythonFloat {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }

  valueOf(): number {
    return this.value;
  }

  toJSON(): number {
    return this.value;
  }

  /** As Python's `repr` writes it: 1.0, 1e+16, 1e-05. */
  toString(): string {
    if (Number.isNaN(this.value)) return 'nan';
    if (!Number.isFinite(this.value)) return this.value < 0 ? '-inf' : 'inf';
    return floatText(this.value);
  }
}

/**
 * Text that a variable file marked with a tag: `vault` is still encrypted (the text is the
 * ciphertext), `unsafe` is plain text that must never be taken for a template.
 */
export class TaggedText {
  readonly tag: 'vault' | 'unsafe';
  readonly text: string;

  constructor(tag: 'vault' | 'unsafe', text: string) {
    this.tag = tag;
    this.text = text;
  }
}

/** An int of any size: a number where that is exact, otherwise a bigint. */
export function integerValue(value: bigint): number | bigint {
  const near = Number(value);
  return Number.isSafeInteger(near) ? near : value;
}

/**
 * The text Ansible would put into a file for a scalar (True, 1.0, 22); undefined for null,
 * lists, maps and encrypted text, which have no useful one.
 */
export function textOf(value: InventoryValue | undefined): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (value instanceof PythonFloat) return value.toString();
  if (value instanceof TaggedText && value.tag === 'unsafe') return value.text;
  return undefined;
}

function floatText(value: number): string {
  const [mantissa = '', exponentText = '0'] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  // Python's repr changes to an exponent below 1e-4 and from 1e16 on.
  if (exponent < -4 || exponent >= 16) {
    const digits = String(Math.abs(exponent)).padStart(2, '0');
    return `${mantissa}e${exponent < 0 ? '-' : '+'}${digits}`;
  }
  const plain = Object.is(value, -0) ? '-0' : String(value);
  if (exponent >= 0) return plain.includes('.') ? plain : `${plain}.0`;
  return plain;
}
