import { describe, expect, it } from 'vitest';
import { PythonFloat } from './inventory-value.ts';
import { plainScalarKind, scalarOfKind } from './yaml-scalar.ts';

const value = (text: string) => {
  const kind = plainScalarKind(text);
  return kind === 'special' ? 'special' : scalarOfKind(text, kind);
};

describe('plain YAML 1.1 scalars as PyYAML reads them', () => {
  it.each([
    ['yes', true],
    ['Off', false],
    ['TRUE', true],
    ['y', 'y'],
    ['tRUE', 'tRUE'],
    ['~', null],
    ['', null],
    ['Null', null],
    ['nULL', 'nULL'],
    ['=', 'special'],
    ['<<', 'special'],
  ])('%j', (text, expected) => {
    expect(value(text)).toBe(expected);
  });

  it.each([
    ['0', 0n],
    ['017', 15n],
    ['-017', -15n],
    ['0_7', 7n],
    ['0x1F', 31n],
    ['0b1_1', 3n],
    ['+1_000', 1000n],
    ['1:30', 90n],
    ['-1:30:00', -5400n],
    ['0_', 0n],
    ['0o17', '0o17'],
    ['08', '08'],
    ['1:60', '1:60'],
    ['0x_', undefined],
    ['0b_', undefined],
  ])('int %s', (text, expected) => {
    expect(value(text)).toBe(expected);
  });

  it.each([
    ['1.5', 1.5],
    ['1.', 1],
    ['.5', 0.5],
    ['-1_0.5', -10.5],
    ['1.0e+3', 1000],
    ['1:30.5', 90.5],
    ['-.inf', -Infinity],
    ['.NaN', NaN],
  ])('float %s', (text, expected) => {
    expect(value(text)).toEqual(new PythonFloat(expected));
  });

  it.each(['1e3', '1.0e3', '1.2.3', '-.5.', '.Nan', '1:30:'])('%s is text', (text) => {
    expect(value(text)).toBe(text);
  });

  it.each([
    ['2024-02-29', '2024-02-29'],
    ['2024-2-9 1:02:03', '2024-02-09T01:02:03'],
    ['2001-12-14t21:59:43.10-05:00', '2001-12-14T21:59:43.100000-05:00'],
    ['2001-12-14 21:59:43.1234567 -5', '2001-12-14T21:59:43.123456-05:00'],
    ['2001-12-14T21:59:43Z', '2001-12-14T21:59:43+00:00'],
    ['2001-12-14T21:59:43-00:00', '2001-12-14T21:59:43+00:00'],
    ['2023-02-29', undefined],
    ['2024-13-01', undefined],
    ['2024-04-31 1:02:03', undefined],
    ['2024-01-01 24:00:00', undefined],
    ['2024-2-9', '2024-2-9'],
  ])('date or time %s', (text, expected) => {
    expect(value(text)).toBe(expected);
  });

  it('refuses an explicit type the text does not have', () => {
    expect(scalarOfKind('x', 'int')).toBeUndefined();
    expect(scalarOfKind('x', 'float')).toBeUndefined();
    expect(scalarOfKind('x', 'bool')).toBeUndefined();
    expect(scalarOfKind('x', 'timestamp')).toBeUndefined();
    expect(scalarOfKind('1', 'float')).toEqual(new PythonFloat(1));
  });
});
