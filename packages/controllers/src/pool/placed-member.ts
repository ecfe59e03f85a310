import type { Member } from '@muster/api';
import type { PlacedMember } from '@muster/core';

/** A member as the placement of nodes sees it. */
export const placedMember = ({ id, zone, state, lostAt, agentAddresses }: Member): PlacedMember => ({
  id,
  zone: zone === '' ? null : zone,
  state: lostAt === null ? state : 'lost',
  addresses: agentAddresses,
});
