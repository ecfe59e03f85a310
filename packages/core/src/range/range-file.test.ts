import { describe, expect, it } from 'vitest';
import { NodeRangeError } from './node-range-error.ts';
import { clusterWorld, errorOf, expanded } from './test/range-fixtures.ts';

/** The cluster with these files; any other cannot be read. */
const worldWith = (files: Readonly<Record<string, string>>) =>
  clusterWorld({
    readFile: (path) => {
      const text = files[path];
      if (text === undefined) throw new Error(`ENOENT: no such file, open '${path}'`);
      return text;
    },
  });
const inFile = (text: string, range = '^list'): string => expanded(range, {}, worldWith({ list: text }));

describe('a file of ranges', () => {
  it.each([
    ['one a line', 'node01\nnode03\n', 'node01 node03'],
    ['any range', 'rack1@gpu\nnode[01-02],-node01\n/f1.*\n', 'f1n1 f1n2 f1n3 node02 node05'],
    ['comments and empty lines', '# nodes\n\nnode01 # the first\n   \n\t# x\nnode02\t#', 'node01 node02'],
    ['a # within a word is none', 'os=~x#y\nnode01', 'node01'],
    ['blanks around', '  node01  \n', 'node01'],
    ['line ends of Windows and a byte order mark', '\uFEFFnode01\r\nnode02\r\n', 'node01 node02'],
    ['no line end at the end', 'node01', 'node01'],
    ['a line that only excludes does so for the file', '-node02\nnode[01-03]\n-node03,-node09\n', 'node01'],
    ['other exclusions stay on their line', 'rack1,-node[02-10]\nnode02', 'node01 node02'],
  ])('%s', (_, text, nodes) => {
    expect(inFile(text)).toBe(nodes);
  });

  it('is a term like any other', () => {
    expect(inFile('node01\nnode05\nnode11', '^list@rack1')).toBe('node01 node05');
    expect(inFile('node01\nnode05', 'rack1,-^list,-node[06-10]')).toBe('node02 node03 node04');
    expect(inFile('node01', '(^list),node02')).toBe('node01 node02');
    expect(inFile('node01', ' ^list , node02')).toBe('node01 node02');
  });

  it('may be empty within a range, as a list of nodes to leave out often is', () => {
    expect(inFile('# none today\n', 'node01,-^list')).toBe('node01');
    expect(errorOf('^list', {}, worldWith({ list: '' })).fault).toBe('matches-nothing');
  });

  it.each([
    ['^/etc/muster/list', '/etc/muster/list'],
    ['^my list', 'my list'],
    ['^list (old)', 'list (old)'],
    ['^"a,b@c)"', 'a,b@c)'],
    [String.raw`^"a\"b\\c"`, String.raw`a"b\c`],
    ['^cat /etc/passwd |', 'cat /etc/passwd |'],
    ['^-', '-'],
    ['^../x', '../x'],
  ])('%s: the path goes to the reader as it is', (range, path) => {
    const paths: string[] = [];
    const readFile = (given: string): string => {
      paths.push(given);
      return 'node01';
    };
    expect(expanded(range, {}, clusterWorld({ readFile }))).toBe('node01');
    expect(paths).toEqual([path]);
  });
});

describe('a file that cannot serve', () => {
  it('is an error on a server, which reads none', () => {
    expect(errorOf('rack1,^/etc/shadow')).toMatchObject({ fault: 'unreadable-file', names: ['/etc/shadow'], offset: 6, length: 12 });
    expect(errorOf('rack1,^x', { allowEmpty: true }).fault).toBe('unreadable-file');
  });

  it('keeps why it cannot be read', () => {
    const error = errorOf('rack1,-^missing', {}, worldWith({}));
    expect(error).toMatchObject({ fault: 'unreadable-file', offset: 7, length: 8 });
    expect(error.message).toBe(
      `the file "missing" cannot be read: ENOENT: no such file, open 'missing'. Check that it exists and may be read.`,
    );
    expect(error.cause).toBeInstanceOf(Error);
  });

  it('may be anything but an Error that the reader throws', () => {
    const cause: unknown = 'locked';
    const readFile = (): string => {
      throw cause;
    };
    expect(errorOf('^x', {}, clusterWorld({ readFile })).problem).toBe('the file "x" cannot be read: locked');
  });

  it('tells the line of a mistake in it', () => {
    const error = errorOf('rack1,^list', {}, worldWith({ list: '# nodes\nnode01\nnode02,nod05 # x\n' }));
    expect(error).toMatchObject({ file: 'list', line: 3, text: 'node02,nod05', offset: 7, length: 5, names: ['nod05'] });
    expect(error.message).toBe('list:3: no node or group is named nod05. Did you mean node05?');
    expect(error.describe()).toBe(
      ['list:3: no node or group is named nod05', '  node02,nod05', '         ^^^^^', 'Did you mean node05?'].join('\n'),
    );
  });

  it.each([
    ['node01,', 'empty-term'],
    ['node[05-01]', 'reversed'],
    ['(node01', 'unbalanced'],
    ['-nosuch', 'unknown-name'],
    ['node01 node02', 'unexpected'],
    ['^other', 'unreadable-file'],
    ['node01,(-node02)', 'matches-nothing'],
  ])('%s on a line', (line, fault) => {
    const error = errorOf('^list', {}, worldWith({ list: `\n${line}`, other: 'node01' }));
    expect(error).toBeInstanceOf(NodeRangeError);
    expect(error).toMatchObject({ fault, file: 'list', line: 2 });
  });

  it('may not name another file, or itself', () => {
    const error = errorOf('^list', {}, worldWith({ list: 'rack1,^list' }));
    expect(error.problem).toBe('a file cannot name another file');
    expect(error).toMatchObject({ file: 'list', line: 1, offset: 6, length: 5 });
  });

  it('may not be endless', () => {
    const error = errorOf('^list', {}, worldWith({ list: '#'.repeat(2_000_001) }));
    expect(error.problem).toBe('the file "list" has more than 2000000 characters');
  });

  it('may have as many lines as there are nodes', () => {
    expect(inFile(Array.from({ length: 100_000 }, () => 'node01').join('\n'))).toBe('node01');
    expect(inFile('rack3,-web001\n'.repeat(100_000))).toBe('web002');
  });
});
