import type { Member } from '@muster/api';
import type { PlacedMember } from './place-nodes.ts';

/** A member as the placement of nodes sees it. */
export const placedMember = ({ id, zone, state, lostAt, agentAddresses }: Member): PlacedMember => ({
  id,
  zone: zone === '' ? null : zone,
  state: lostAt === null ? state : 'lost',
  addresses: agentAddresses,
});
