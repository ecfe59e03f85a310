import { readFile } from 'node:fs/promises';

/** What a TLS connection trusts: the certificates of a file, read anew each time, or where none is given those of the machine. */
export async function trustOf(caFile: string | undefined): Promise<{ ca?: string }> {
  if (caFile === undefined) return {};
  try {
    return { ca: await readFile(caFile, 'utf8') };
  } catch (cause) {
    throw new Error(`the certificates in ${caFile} cannot be read (${String((cause as NodeJS.ErrnoException).code)})`, { cause });
  }
}
