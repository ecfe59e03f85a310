import type { KeyAndCsr } from './state/identity-store.ts';

/**
 * Makes a key and its signing request. What it takes is loaded only here, on demand: the X.509 library would cost the resting
 * agent several megabytes, so only commands that end soon may call this.
 */
export async function makeKeyAndCsr(parts: { nodeName: string }): Promise<KeyAndCsr> {
  const key = await import('@muster/trust/key');
  return key.makeKeyAndCsr(parts);
}
