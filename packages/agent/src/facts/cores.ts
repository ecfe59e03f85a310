import { availableParallelism } from 'node:os';
import type { FactSources } from './sources.ts';

/**
 * Logical processors that are online. /proc/cpuinfo comes first: what Node.js offers is what this process may use, which a
 * CPU set of its unit would make smaller.
 */
export async function readCores(sources: Pick<FactSources, 'read'>): Promise<number> {
  const text = await sources.read('/proc/cpuinfo');
  const listed = text?.match(/^processor\s*\d*\s*:/gmu)?.length ?? 0;
  return Math.min(listed > 0 ? listed : availableParallelism(), 65_536);
}
