import { describe, expect, it } from 'vitest';
import { failureOf, inventoryOf, memoryFiles } from '../../test/inventory-fixtures.ts';
import { readInventoryText, readVariablesText } from './decode-source.ts';

const bytes = (...parts: (string | number)[]) =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === 'number' ? [part] : [...new TextEncoder().encode(part)])));
const read = (content: string | Uint8Array) => readInventoryText('hosts', memoryFiles({ hosts: content }));

describe('readInventoryText', () => {
  it('reads text and UTF-8 bytes alike', () => {
    expect(read('h\u00e91')).toBe('h\u00e91');
    expect(read(bytes('h\u00e91'))).toBe('h\u00e91');
  });

  it('takes any bytes in comment lines', () => {
    const content = bytes('h1\n# caf', 0xe9, '\n  ; caf', 0xe9, '\nh2 a=\u00e9\n');
    expect(read(content)).toBe('h1\n\n\nh2 a=\u00e9\n');
  });

  it('names line and column of what is not UTF-8', () => {
    const error = failureOf(() => read(bytes('h1\nh2 a=caf', 0xe9, '\n')));
    expect(error).toMatchObject({ file: 'hosts', line: 2, column: 9, problem: 'the line is not UTF-8' });
  });

  it.each([['\ufeff[g]\nh1'], [bytes(0xef, 0xbb, 0xbf, 'h1\n')]])('refuses a byte order mark', (content) => {
    expect(failureOf(() => read(content)).problem).toBe('the file begins with a byte order mark');
  });

  it('says so when the file is encrypted', () => {
    expect(failureOf(() => read('$ANSIBLE_VAULT;1.1;AES256\n6162')).problem).toContain('encrypted with ansible-vault');
  });

  it('says so when there is no file', () => {
    expect(failureOf(() => readInventoryText('x', memoryFiles({}))).message).toBe(
      'x: there is no such file. Check the path given with -i.',
    );
  });

  it('keeps the cause of what the disk says', () => {
    const denied = new Error('EACCES: permission denied');
    const error = failureOf(() =>
      readInventoryText('hosts', {
        list: () => undefined,
        read: () => {
          throw denied;
        },
      }),
    );
    expect(error.cause).toBe(denied);
    expect(error.message).toContain('hosts: the file cannot be read: EACCES');
  });
});

describe('readVariablesText', () => {
  it('drops a byte order mark, which YAML allows', () => {
    expect(readVariablesText('x', memoryFiles({ x: '\ufeffa: 1' }))).toBe('a: 1');
  });

  it('names line and column of what is not UTF-8', () => {
    const error = failureOf(() => readVariablesText('x', memoryFiles({ x: bytes('a: 1\nb: ', 0xff) })));
    expect(error).toMatchObject({ line: 2, column: 4 });
  });

  it('is used for group_vars too', () => {
    const vars = inventoryOf('h1', { 'group_vars/all.yml': bytes(0xef, 0xbb, 0xbf, 'a: 1') }).varsOf('h1');
    expect(vars.get('a')).toBe(1);
  });
});
