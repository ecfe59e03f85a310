import type { Facts, Gpu } from '@muster/api/agent';
import { agentVersion } from '../version.ts';
import { readAddresses } from './addresses.ts';
import { readArchitecture } from './architecture.ts';
import { readBootId } from './boot-id.ts';
import { readCores } from './cores.ts';
import { readHostname } from './hostname.ts';
import { readKernel } from './kernel.ts';
import { readMemoryBytes } from './memory-bytes.ts';
import { readOperatingSystem } from './operating-system.ts';
import type { FactSources } from './sources.ts';

/** What may change at any time and costs next to nothing to read. */
export type QuickFacts = Pick<Facts, 'hostname' | 'addresses'>;
/** What changes seldom. The GPUs come from a program and are read apart. */
export type SlowFacts = Omit<Facts, keyof QuickFacts | 'gpus'>;

export const collectQuickFacts = (hostname?: string): QuickFacts => ({
  hostname: hostname ?? readHostname(),
  addresses: [...readAddresses()],
});

export async function collectSlowFacts(sources: FactSources): Promise<SlowFacts> {
  const [cores, memoryBytes, os, bootId] = await Promise.all([
    readCores(sources),
    readMemoryBytes(sources),
    readOperatingSystem(sources),
    readBootId(sources),
  ]);
  return { cores, memoryBytes, os, kernel: readKernel(), architecture: readArchitecture(), bootId, agentVersion };
}

/** The whole picture, in a fixed order of keys. */
export const assembleFacts = (quick: QuickFacts, slow: SlowFacts, gpus: readonly Gpu[]): Facts => ({ ...quick, ...slow, gpus: [...gpus] });
