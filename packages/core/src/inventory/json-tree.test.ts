import { describe, expect, it } from 'vitest';
import { PythonFloat, TaggedText } from './inventory-value.ts';
import { parseJsonTree } from './json-tree.ts';
import { toInventoryValue } from './python-value.ts';

const valueOf = (text: string) => {
  const tree = parseJsonTree(text);
  return tree === undefined ? undefined : toInventoryValue(tree);
};

describe('parseJsonTree', () => {
  it('keeps the order of keys, and those that mean something to JavaScript', () => {
    const value = valueOf('{"b": 1, "10" : {"2": [], "1": {}}, "__proto__": 2, "a\\":b": "c:d", ": ": ":"}') as Map<string, unknown>;
    expect([...value.keys()]).toEqual(['b', '10', '__proto__', 'a":b', ': ']);
    expect([...(value.get('10') as Map<string, unknown>).keys()]).toEqual(['2', '1']);
    expect(value.get(': ')).toBe(':');
  });

  it('tells ints from floats', () => {
    expect(valueOf('[1, 1.0, 1e2, 12345678901234567890]')).toEqual([1, new PythonFloat(1), new PythonFloat(100), 12345678901234567890n]);
  });

  it('knows the tags of Ansible', () => {
    expect(valueOf('[{"__ansible_vault": "x"}, {"__ansible_unsafe": "y"}]')).toEqual([
      new TaggedText('vault', 'x'),
      new TaggedText('unsafe', 'y'),
    ]);
  });

  it.each(['', 'null', '{', 'a: 1', '{"a" "b": 1}', "{'a': 1}"])('leaves %j to others', (text) => expect(valueOf(text)).toBeUndefined());
});
