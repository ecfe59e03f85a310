import { writeSync } from 'node:fs';
import { AgentError, messageOf } from '../agent-error.ts';
import { decompressed } from '../environments/archive/decompressed.ts';
import { unpackTar } from '../environments/archive/unpack.ts';
import { passingStatus } from '../environments/build/run-step.ts';
import { EnvironmentError } from '../environments/environment-error.ts';
import { parseOptions } from './options.ts';

const maxEntries = 2_000_000;

/** `muster-agent environment-unpack`: unpacks an archive as a user with no rights. For the agent itself, not for people. */
export async function environmentUnpackCommand(args: readonly string[]): Promise<string> {
  const options = parseOptions('environment-unpack', args, ['archive', 'to', 'max-bytes']);
  const [archive, to, maxBytes] = [options.text('archive'), options.text('to'), Number(options.text('max-bytes'))];
  if (archive === undefined || to === undefined || !Number.isSafeInteger(maxBytes))
    throw new AgentError('usage', 'environment-unpack needs --archive, --to and --max-bytes');
  process.umask(0o022);
  try {
    const { bytes, entries } = await unpackTar(await decompressed(archive), to, { maxBytes, maxEntries });
    return `${entries} entries, ${bytes} bytes\n`;
  } catch (error) {
    const isDefinition = error instanceof EnvironmentError && error.fault === 'definition';
    writeSync(2, `${messageOf(error)}\n`);
    return process.exit(isDefinition ? 1 : passingStatus);
  }
}
