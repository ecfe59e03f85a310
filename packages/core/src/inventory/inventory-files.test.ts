import { describe, expect, it } from 'vitest';
import { failureOf, memoryFiles } from '../../test/inventory-fixtures.ts';
import { directoryOf, extensionOf, joinPath, resolveSource } from './inventory-files.ts';

describe('paths', () => {
  it.each([
    ['', 'a', 'a'],
    ['/', 'a', '/a'],
    ['x', 'a', 'x/a'],
    ['x/', 'a', 'x/a'],
    ['x', '/a', '/a'],
  ])('joins %j and %j', (folder, name, path) => {
    expect(joinPath(folder, name)).toBe(path);
  });

  it.each([
    ['hosts', ''],
    ['a/hosts', 'a'],
    ['/a/hosts', '/a'],
    ['/hosts', '/'],
  ])('finds the directory of %s', (path, directory) => {
    expect(directoryOf(path)).toBe(directory);
  });

  it.each([
    ['a.yml', '.yml'],
    ['a.b.yml', '.yml'],
    ['.hidden', ''],
    ['..x', ''],
    ['a', ''],
    ['a.', '.'],
  ])('finds the extension of %s', (name, extension) => {
    expect(extensionOf(name)).toBe(extension);
  });
});

describe('resolveSource', () => {
  it('takes a file as it is', () => {
    const source = resolveSource('a/inv.ini', memoryFiles({ 'a/inv.ini': '' }));
    expect(source).toEqual({ path: 'a/inv.ini', directory: 'a', files: ['a/inv.ini'] });
  });

  it('reads a directory in order of name, and leaves out what Ansible leaves out', () => {
    const skipped = [
      '.x',
      'a.ini',
      'a.cfg',
      'a.md',
      'a.txt',
      'a.rst',
      'a.bak',
      'a.orig',
      'a.retry',
      'a.swp',
      'a.pyc',
      'a.pyo',
      'a.rpm',
      'a~',
    ];
    const content = Object.fromEntries(
      [...skipped, 'b', 'A', 'sub/c', 'sub/a.ini', 'group_vars/all', 'host_vars/h', 'vars_plugins/x', 'inv.toml'].map((name) => [
        `d/${name}`,
        '',
      ]),
    );
    expect(resolveSource('d', memoryFiles(content))).toEqual({
      path: 'd',
      directory: 'd',
      files: ['d/A', 'd/b', 'd/inv.toml', 'd/sub/c'],
    });
  });

  it('refuses a directory with nothing in it to read', () => {
    const error = failureOf(() => resolveSource('d', memoryFiles({ 'd/inventory.ini': 'h1' })));
    expect(error.problem).toBe('the directory holds no inventory file');
    expect(error.advice).toContain('.ini');
  });

  it('does not follow a directory that contains itself', () => {
    const error = failureOf(() => resolveSource('d', { read: () => undefined, list: () => ['again'] }));
    expect(error.problem).toContain('nested more than 32 deep');
  });
});
