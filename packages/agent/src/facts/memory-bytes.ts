import { totalmem } from 'node:os';
import type { FactSources } from './sources.ts';

/** Memory of the machine in bytes, as the kernel counts it (MemTotal). */
export async function readMemoryBytes(sources: Pick<FactSources, 'read'>): Promise<number> {
  const text = await sources.read('/proc/meminfo');
  const kibibytes = /^MemTotal:\s+(\d+) kB$/mu.exec(text ?? '')?.[1];
  return kibibytes === undefined ? totalmem() : Number(kibibytes) * 1024;
}
