import { boundedText } from './bounded-text.ts';
import type { FactSources } from './sources.ts';

/** Names this boot of the machine (random(4)); another one means that it was restarted. Empty where the kernel does not say. */
export async function readBootId(sources: Pick<FactSources, 'read'>): Promise<string> {
  return boundedText((await sources.read('/proc/sys/kernel/random/boot_id')) ?? '', 64);
}
