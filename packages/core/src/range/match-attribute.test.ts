import { describe, expect, it } from 'vitest';
import { clusterWorld, errorOf, expanded, worldOf } from './test/range-fixtures.ts';

describe('nodes by attribute', () => {
  it.each([
    ['health=bad', 'node03'],
    ['rack1@health!=good', 'node03'],
    ['rack1@health=good,-node[04-10]', 'node01 node02'],
    ['cores>=19', 'node19 node20 node098 node099'],
    ['cores>19@rack2', 'node20'],
    ['rack1@cores<3', 'node01 node02'],
    ['rack1@cores<=3', 'node01 node02 node03'],
    ['rack1@cores=3', 'node03'],
    ['rack1@cores=03.0', 'node03'],
    ['rack1@cores<3@cores>=2', 'node02'],
    ['cores>98.5', 'node099'],
    [String.raw`cores<+1@/node\d+`, 'node100'],
    ['cores>-1@cores<1', 'node100'],
    ['rack1@cores!=3,-cores>3', 'node01 node02'],
    ['gpus>0', 'gpu1.site.example gpu2.site.example'],
    ['rack3@role=web', 'web001 web002'],
    ['role=login@cores<3', 'node01 node02'],
    ['role=worker@role=login@cores>98', 'node099'],
    ['rack1@role!=worker', 'node10'],
    ['rack1@role!~^work', 'node10'],
    ['role=~^w@cores<3', 'node01 node02'],
    ['os=~^Ubu@rack3', 'web001 web002'],
    ['os=~ubuntu|24@rack3', 'web001 web002'],
    ['os=~12 .bookworm.$@node[01-02]', 'node01 node02'],
    [String.raw`os=~12 \(book@node[01-02]`, 'node01 node02'],
    ['os=Ubuntu 24.04@rack3', 'web001 web002'],
    ['os=debian 12 (bookworm)@node[01-02]', 'node01 node02'],
    ['(os=debian 12 (bookworm))@node01', 'node01'],
    ['os="debian 12 (bookworm)" @ node01', 'node01'],
    ['os!~(debian|x)@rack3', 'web001 web002'],
    ['cores=~^9@node[098-101]', 'node098 node099'],
    ['cores = 3', 'node03'],
    ['cores >= 99 , node01', 'node01 node099'],
    ['label.zone=a', 'f1n1 f1n2 f1n3'],
    ['label.zone=~[bc]', 'f2n1 f2n2 f2n3'],
    ['label.site.example/rack>=2', 'f2n1 f2n2 f2n3'],
    ['label.site.example/rack=1.5', 'f1n1 f1n2 f1n3'],
    [String.raw`label.note="a, \"b\" @ (c"`, 'node01'],
    ['label.note=""', 'node02'],
    [String.raw`label.note=~\@`, 'node01'],
    [String.raw`label.note=~^a\, "`, 'node01'],
    ['label.note=~[,@]', 'node01'],
    ['label.note=~a(, )', 'node01'],
    ['label.size=16', 'node01'],
    ['label.size=big', 'node02'],
  ])('%s', (range, nodes) => {
    expect(expanded(range)).toBe(nodes);
  });

  it('the opposite of an operator is what it leaves, nodes without the attribute among them', () => {
    for (const [range, opposite] of [
      ['label.zone=a', 'label.zone!=a'],
      ['label.zone=~[ab]', 'label.zone!~[ab]'],
      ['role=worker', 'role!=worker'],
    ] as const) {
      expect(expanded(opposite)).toBe(expanded(`all,-${range}`));
      expect(expanded(`${range},${opposite}`)).toBe(expanded('all'));
    }
  });

  it('a comparison leaves out nodes without the attribute', () => {
    expect(expanded('all,-cores>=0,-cores<0,-/[^r]*')).toBe('rack01-unit34');
  });
});

describe('an attribute that no node has', () => {
  it('exists when the world says so: the nodes have not reported yet', () => {
    expect(errorOf('memoryBytes>0').fault).toBe('matches-nothing');
    expect(expanded('memoryBytes>0', { allowEmpty: true })).toBe('');
    expect(expanded('node01@memoryBytes!=5')).toBe('node01');
  });

  it('is a typo otherwise, also where it would exclude or where nothing is allowed', () => {
    expect(errorOf('all,-label.zoen=a')).toMatchObject({ fault: 'unknown-attribute', offset: 5, length: 12, names: ['label.zoen'] });
    expect(errorOf('label.zoen=a', { allowEmpty: true }).fault).toBe('unknown-attribute');
    expect(errorOf('memoryBites>0').advice).toBe('Did you mean memoryBytes?');
  });

  it('counts as there when a node has it as an empty list', () => {
    const world = { ...worldOf(['a', 'b']), attributeOf: (name: string) => (name === 'a' ? [] : undefined) };
    expect(expanded('tags=x', { allowEmpty: true }, world)).toBe('');
    expect(expanded('tags!=x', {}, world)).toBe('a b');
  });

  it('is no part of what every object has', () => {
    expect(errorOf('constructor=x').fault).toBe('unknown-attribute');
    expect(errorOf('__proto__=x').fault).toBe('unknown-attribute');
  });
});

describe('values that an attribute never has', () => {
  it('are refused where the world knows all values', () => {
    expect(errorOf('all,-health=baad')).toMatchObject({ fault: 'bad-value', offset: 5, length: 11, advice: 'Did you mean bad?' });
    expect(errorOf('health!=x').advice).toBe('It is one of good, degraded, bad, unknown.');
  });

  it('may be what a regex asks for', () => {
    expect(expanded('rack1@health=~^b')).toBe('node03');
  });

  it('show nothing that could move the cursor', () => {
    const world = clusterWorld({ attributeOf: () => '\u001B[2J\u0007' });
    expect(errorOf('label.x>3', {}, world).problem).toBe('label.x of node01 is " [2J ", which is not a number');
  });
});
