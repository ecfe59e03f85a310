import type { ServiceState } from '@muster/api';

/** States in which a unit may be because somebody stopped it: one that does not end in order is `failed` afterwards. */
export const isStopped = (state: ServiceState): boolean => state === 'stopped' || state === 'stopping' || state === 'failed';
