import type { StopBecause } from '../plan/elastic-plan.ts';
import type { NodeState } from './node-sight.ts';

/** What decides whether a machine may be stopped at all, whoever needs it. */
export type EligibilityInput = {
  readonly state: NodeState;
  readonly windowOpen: boolean;
  readonly bootExceeded: boolean;
  readonly everReady: boolean;
  readonly idleEnough: boolean;
};

/** Why it may not: `left` lines say so. */
type NotYet = 'busy' | 'booting' | 'idle-looks' | 'window-closed' | 'stale-record' | 'stopping' | 'off';
export type Eligibility =
  | { readonly eligible: true; readonly because: StopBecause }
  | { readonly eligible: false; readonly because: NotYet };

const yes = (because: StopBecause): Eligibility => ({ eligible: true, because });
const notYet = (because: NotYet): Eligibility => ({ eligible: false, because });

/**
 * Whether a machine may be stopped now, after the Arvados Node Manager. A busy one never; an idle one in its window, after so many looks; one
 * that has never worked as soon as its time to boot is over, in its window or not; one that worked and is down in its window, since until then
 * it is paid for (docs/adr/0031).
 */
export function stopEligibility(input: EligibilityInput): Eligibility {
  const { state, windowOpen, bootExceeded, idleEnough } = input;
  switch (state) {
    case 'invalid':
      return yes('invalid-type');
    case 'failed':
      return yes('node-failed');
    case 'idle':
      if (!idleEnough) return notYet('idle-looks');
      return windowOpen ? yes('not-needed') : notYet('window-closed');
    case 'creating':
    case 'unpaired':
      return bootExceeded ? yes('boot-failed') : notYet('booting');
    case 'down':
      return down(input);
    case 'stale':
      return notYet('stale-record');
    default:
      return notYet(state);
  }
}

function down({ windowOpen, bootExceeded, everReady }: EligibilityInput): Eligibility {
  if (bootExceeded && !everReady) return yes('boot-failed');
  return windowOpen ? yes('node-down') : notYet('window-closed');
}
