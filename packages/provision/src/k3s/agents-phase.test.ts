import { describe, expect, it } from 'vitest';
import { k3sAgentsPhase } from './agents-phase.ts';
import { k3sServersPhase } from './servers-phase.ts';

/* That a phase keeps to its number is tested with the engine. */
describe('the agents of k3s', () => {
  it('join at most 50 at a time', () => expect(k3sAgentsPhase.atOnce).toBe(50));

  it('come after servers that join one at a time', () => expect(k3sServersPhase.atOnce).toBe(1));
});
