import { describe, expect, it } from 'vitest';
import { integerValue, PythonFloat, TaggedText, textOf } from './inventory-value.ts';

describe('PythonFloat', () => {
  it.each([
    [1, '1.0'],
    [1.1, '1.1'],
    [-0, '-0.0'],
    [1000, '1000.0'],
    [1e15, '1000000000000000.0'],
    [1e16, '1e+16'],
    [1.5e22, '1.5e+22'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [-2.5e-7, '-2.5e-07'],
    [1e100, '1e+100'],
    [Infinity, 'inf'],
    [-Infinity, '-inf'],
    [NaN, 'nan'],
  ])('%d is written %s', (value, text) => {
    expect(String(new PythonFloat(value))).toBe(text);
  });

  it('counts as its number', () => {
    expect(Number(new PythonFloat(2.5))).toBe(2.5);
    expect(JSON.stringify({ a: new PythonFloat(2.5) })).toBe('{"a":2.5}');
  });
});

describe('integerValue', () => {
  it('is a number as long as that is exact', () => {
    expect(integerValue(9007199254740991n)).toBe(9007199254740991);
    expect(integerValue(9007199254740993n)).toBe(9007199254740993n);
    expect(Object.is(integerValue(-0n), 0)).toBe(true);
  });
});

describe('textOf', () => {
  it.each([
    ['abc', 'abc'],
    [22, '22'],
    [12345678901234567890n, '12345678901234567890'],
    [true, 'True'],
    [false, 'False'],
    [new PythonFloat(1), '1.0'],
    [new TaggedText('unsafe', '{{ x }}'), '{{ x }}'],
    [new TaggedText('vault', '$ANSIBLE_VAULT;1.1'), undefined],
    [null, undefined],
    [undefined, undefined],
    [[1], undefined],
    [new Map([['a', 1]]), undefined],
  ])('%s', (value, text) => {
    expect(textOf(value)).toBe(text);
  });
});
