import { InventoryError, readingFrom } from './inventory-error.ts';
import type { InventoryFiles } from './inventory-files.ts';

const BYTE_ORDER_MARK = '\ufeff';
const VAULT_HEADER = '$ANSIBLE_VAULT;';
const NEWLINE = 0x0a;

/**
 * Reads an inventory file as text. UTF-8 is required, except in comment lines, which become
 * empty when they are not. Throws InventoryError for a missing file, other encodings, a byte
 * order mark (Ansible takes it for a part of the first name) and a file that no known password opens.
 */
export function readInventoryText(path: string, files: InventoryFiles): string {
  const text = readText(path, files, decodeLines);
  if (text.startsWith(BYTE_ORDER_MARK)) {
    throw new InventoryError({
      file: path,
      line: 1,
      column: 1,
      problem: 'the file begins with a byte order mark',
      advice: 'Save it as UTF-8 without one (in vim: set nobomb).',
    });
  }
  return text;
}

/**
 * Reads a file of variables as text; a byte order mark is dropped, as YAML allows one. Throws
 * InventoryError for a missing or encrypted file and for what is not UTF-8.
 */
export function readVariablesText(path: string, files: InventoryFiles): string {
  const text = readText(path, files, (bytes, file) => {
    const decoded = decode(bytes);
    if (decoded === undefined) throw notUtf8(file, bytes, 1);
    return decoded;
  });
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
}

function readText(path: string, files: InventoryFiles, fromBytes: (bytes: Uint8Array, path: string) => string): string {
  const content = readingFrom(path, () => files.read(path));
  if (content === undefined) {
    throw new InventoryError({
      file: path,
      problem: 'there is no such file',
      advice: 'Check the path given with -i.',
    });
  }
  const text = typeof content === 'string' ? content : fromBytes(content, path);
  if (!text.startsWith(VAULT_HEADER)) return text;
  const plain = files.decrypt?.(text);
  if (plain !== undefined) return plain;
  throw new InventoryError({
    file: path,
    line: 1,
    column: 1,
    problem: 'the file is encrypted with ansible-vault, and no password was given that opens it',
    advice: 'Name the file with its password: --vault-password-file.',
  });
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function decodeLines(bytes: Uint8Array, path: string): string {
  const whole = decode(bytes);
  if (whole !== undefined) return whole;
  const lines: string[] = [];
  let start = 0;
  while (start <= bytes.length) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline < 0 ? bytes.length : newline;
    lines.push(decodeLine(bytes.subarray(start, end), path, lines.length + 1));
    start = end + 1;
  }
  return lines.join('\n');
}

function decodeLine(line: Uint8Array, path: string, lineNumber: number): string {
  const text = decode(line);
  if (text !== undefined) return text;
  if (/^\s*[#;]/u.test(new TextDecoder().decode(line))) return '';
  throw notUtf8(path, line, lineNumber);
}

function notUtf8(file: string, bytes: Uint8Array, line: number): InventoryError {
  // The replacement character stands where decoding went wrong first.
  const before = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  const position = before.indexOf('\ufffd');
  const lines = before.slice(0, position).split('\n');
  return new InventoryError({
    file,
    line: line + lines.length - 1,
    column: (lines.at(-1)?.length ?? 0) + 1,
    problem: 'the line is not UTF-8',
    advice: 'Save the file as UTF-8.',
  });
}
