import type { Gpu } from '@muster/api/agent';
import { reasonOfFailure } from '../run-program.ts';
import { boundedText } from './bounded-text.ts';
import type { FactSources } from './sources.ts';

/** The GPUs found, or why they could not be read. A machine without `nvidia-smi` has none. */
export type GpuReading = { readonly gpus: readonly Gpu[] } | { readonly failure: string };

const query = ['nvidia-smi', '--query-gpu=name,memory.total,uuid', '--format=csv,noheader,nounits'] as const;
const limits = { timeoutMs: 10_000, maxOutputBytes: 65_536 };
const maxGpus = 64;
const bytesPerMebibyte = 1_048_576;

/** Asks `nvidia-smi` for model, memory and UUID of each GPU. A driver that hangs is given up after 10 seconds. */
export async function readGpus(sources: Pick<FactSources, 'run'>): Promise<GpuReading> {
  const result = await sources.run(query, limits);
  if (result.kind === 'absent') return { gpus: [] };
  const failure = reasonOfFailure(result);
  if (failure !== undefined || result.kind !== 'done') return { failure: failure ?? 'no answer' };
  // "No devices were found" comes with status 0 from some drivers.
  const lines = result.stdout.split('\n').filter((line) => line.includes(','));
  return { gpus: lines.slice(0, maxGpus).map(parseLine) };
}

/** A model may hold commas, so memory and UUID are taken from the end. Memory is `[N/A]` where it is shared with the processor. */
function parseLine(line: string): Gpu {
  const fields = line.split(',').map((field) => field.trim());
  const [memory = '', uuid = ''] = fields.slice(-2);
  const mebibytes = /^\d{1,9}$/u.test(memory) ? Number(memory) : 0;
  return {
    model: boundedText(fields.slice(0, -2).join(', '), 200),
    memoryBytes: mebibytes * bytesPerMebibyte,
    uuid: boundedText(uuid, 100),
  };
}
