import { connectionOf } from '../engine/host-run.ts';
import type { Phase } from '../engine/phase.ts';
import { runScript } from '../host/run-script.ts';
import { isVoter } from './members.ts';
import { poolFolder } from './places.ts';
import type { RemainingPool } from './remaining-pool.ts';

type Observed = { readonly isMember: boolean };

const lookScript = `if [ -d ${poolFolder} ]; then echo member=yes; fi`;

/** Takes a machine out of a pool that stays. Where the whole pool is reset there is nobody to tell. */
export const poolLeavePhase = (pool: RemainingPool | undefined): Phase<Observed> => ({
  name: 'pool-leave',
  atOnce: 1,
  concerns: (host) => pool !== undefined && isVoter(host),
  observe: async (host, run) => {
    const output = await runScript(connectionOf(host), lookScript, { label: 'look for the pool', sudo: true, signal: run.signal });
    return { isMember: output.includes('member=yes') };
  },
  plan: ({ isMember }, { host }) => (isMember ? [{ what: `take ${host.name} out of the pool` }] : []),
  act: async (_observed, { host }) => {
    await pool?.dismiss(host.name);
  },
});
