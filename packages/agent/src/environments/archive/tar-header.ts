import { EnvironmentError } from '../environment-error.ts';

/** One block of 512 bytes that begins an entry (POSIX.1-1988 ustar, and GNU's variant of it), as it stands there. */
export type TarHeader = {
  readonly path: string;
  /** The type flag: `0` a file, `5` a folder, `2` a symbolic link, `x` more about the next entry, ... */
  readonly type: string;
  readonly mode: number;
  readonly size: number;
  readonly link: string;
};

export const blockBytes = 512;

export const broken = (what: string): EnvironmentError =>
  new EnvironmentError('definition', `The archive is damaged or no tar file: ${what}.`);

/** Reads a header. Null for a block of zeros, which ends an archive. @throws EnvironmentError */
export function readHeader(block: Buffer): TarHeader | null {
  if (block.every((byte) => byte === 0)) return null;
  if (number(block, 148, 8) !== checksum(block)) throw broken('a header has the wrong checksum');
  const name = text(block, 0, 100);
  // In GNU's variant ("ustar " with a blank) the prefix field holds other things.
  const prefix = block.toString('latin1', 257, 263) === 'ustar\u0000' ? text(block, 345, 155) : '';
  const flag = block.toString('latin1', 156, 157);
  return {
    path: prefix === '' ? name : `${prefix}/${name}`,
    type: flag === '\u0000' ? '0' : flag,
    mode: number(block, 100, 8),
    size: number(block, 124, 12),
    link: text(block, 157, 100),
  };
}

/** The sum of all bytes, with the field of the sum itself full of blanks. */
function checksum(block: Buffer): number {
  let sum = 0;
  for (let index = 0; index < blockBytes; index++) sum += index >= 148 && index < 156 ? 0x20 : (block[index] ?? 0);
  return sum;
}

/** Octal digits, or, for what does not fit (GNU), a binary number behind a byte 0x80. */
function number(block: Buffer, offset: number, length: number): number {
  const field = block.subarray(offset, offset + length);
  if (field[0] === 0x80) {
    const value = field.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0);
    if (!Number.isSafeInteger(value)) throw broken('a number in a header is too large');
    return value;
  }
  const digits = field
    .toString('latin1')
    .replace(/[\0 ].*$/su, (rest) => (/^[\0 ]+$/u.test(rest) ? '' : rest))
    .trim();
  if (digits === '') return 0;
  if (!/^[0-7]{1,12}$/u.test(digits)) throw broken('a number in a header is none');
  return Number.parseInt(digits, 8);
}

/** Text up to the first NUL. */
function text(block: Buffer, offset: number, length: number): string {
  const field = block.subarray(offset, offset + length);
  const end = field.indexOf(0);
  return decodeName(end === -1 ? field : field.subarray(0, end));
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A name as UTF-8. Another encoding would be a name that means something else on the disk. @throws EnvironmentError */
export function decodeName(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new EnvironmentError('definition', 'The archive has a name in it that is not UTF-8.', { cause });
  }
}
