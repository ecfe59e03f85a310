export { type MoveLimits, moveLimits, type MovePicture, type MovePlan, planMoves, type PlannedMove } from './plan-moves.ts';
export { placedMember } from './placed-member.ts';
export { type PlacedMember, type PlacedNode, type Placement, placeNodes, serversOf } from './place-nodes.ts';
