import { z } from 'zod';
import { Member, MovedNodes, MoveNodes, PoolStatus, PromoteMember, Promotion } from '../../pool/pool.ts';
import { none, type Route } from '../route.ts';

const memberParams = z.strictObject({ id: z.string().min(1).max(100) });

/** The servers, all of which are active. */
export const poolRoutes = {
  getPool: {
    method: 'GET',
    path: '/pool',
    access: 'viewer',
    response: PoolStatus,
    status: 200,
    summary: 'The servers of the pool, and who does what of that which one does at a time',
  },
  drainMember: {
    method: 'POST',
    path: '/pool/{id}/drain',
    access: 'administrator',
    params: memberParams,
    response: Member,
    status: 200,
    summary: 'Give the nodes of a server to the others, for work on it',
  },
  undrainMember: {
    method: 'POST',
    path: '/pool/{id}/undrain',
    access: 'administrator',
    params: memberParams,
    response: Member,
    status: 200,
    summary: 'Let a server take nodes again',
  },
  moveNodes: {
    method: 'POST',
    path: '/pool/move',
    access: 'administrator',
    body: MoveNodes,
    response: MovedNodes,
    status: 200,
    summary: 'Let nodes be on another server from now on, all of them or none; or again where the pool puts them',
  },
  promoteMember: {
    method: 'POST',
    path: '/pool/{id}/promote',
    access: 'administrator',
    // While the database is away this is how it comes back: the line is written as soon as there is one to write it to.
    audit: 'may-be-late',
    params: memberParams,
    body: PromoteMember,
    response: Promotion,
    status: 202,
    summary: "Make a member's copy of the database the primary; how it goes on stands in the status of the pool",
  },
  removeMember: {
    method: 'DELETE',
    path: '/pool/{id}',
    access: 'administrator',
    params: memberParams,
    response: none,
    status: 204,
    summary: 'Forget a server that is gone',
  },
} as const satisfies Record<string, Route>;
