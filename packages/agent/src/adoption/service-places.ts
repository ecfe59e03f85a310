import { join } from 'node:path';
import { defaultStateDir } from '../state/node-record.ts';

/** Where the services of a host find the certificate, and where an administrator puts what tells them of a new one. */
export type ServicePlaces = { readonly pki: string; readonly hooks: string };

/** The agent of the machine has the machine's places; one with a state folder of its own, as of a demonstration, keeps to that. */
export function servicePlaces(stateDir: string): ServicePlaces {
  if (stateDir === defaultStateDir) return { pki: '/etc/muster/pki', hooks: '/etc/muster/hooks.d' };
  return { pki: join(stateDir, 'pki'), hooks: join(stateDir, 'hooks.d') };
}
