import { problem, type JoinToken, type Node, type NodeCreate, type NodeView } from '@muster/api';
import { changedNode, foldNames, joinInstructions, nodeCsvHeader, nodeCsvLine, refusalOf, type NodeAction } from '@muster/core';
import { findNode, nextId, type Call, type FakeHandlers } from './call.ts';
import { goodNode, type FakeNode } from './fake-nodes.ts';
import { selectedNodes } from './list-nodes.ts';
import { nodesOfRange } from './range.ts';
import { sentinels } from './sentinels.ts';
import { sessionOf } from './session-handlers.ts';
import type { FakeWorld } from './world.ts';

const now = () => new Date().toISOString();

/** Refuses the whole request when one node stands in the way. */
export function admit(world: FakeWorld, action: NodeAction, nodes: readonly FakeNode[]): void {
  const refusals = nodes.flatMap(({ node }) => refusalOf(sessionOf(world), action, node) ?? []);
  if (refusals.length > 0) throw problem('not-allowed', refusals.slice(0, 3).join(' '));
}

function addNode(world: FakeWorld, { body }: Call): Node {
  const given = body as NodeCreate;
  if (world.nodes.some(({ node }) => node.name === given.name))
    throw problem('node-exists', `There is a node "${given.name}" already.`, [{ path: 'name', message: 'taken' }]);
  const taken = world.nodes.find(({ node }) => given.privateIp !== null && node.privateIp === given.privateIp);
  if (taken !== undefined)
    throw problem('address-taken', `The address ${given.privateIp} belongs to "${taken.node.name}".`, [
      { path: 'privateIp', message: 'taken' },
    ]);
  const made = goodNode(2_000 + world.nodes.length, {
    ...given,
    registration: 'pending',
    registeredAt: null,
    connected: false,
    lastHeartbeatAt: null,
    heartbeatAgeSeconds: null,
    clockSkewSeconds: null,
    facts: null,
    certificateSerial: null,
    certificateExpiresAt: null,
    certificateIssuedAt: null,
    health: { state: 'unknown', since: null, reasons: [{ code: 'not-registered', message: 'the agent has not enrolled yet' }] },
  });
  made.certificates = [];
  made.services.items = [];
  world.nodes.push(made);
  return made.node;
}

function tokenOf({ node }: FakeNode): JoinToken {
  const token = `fake-${nextId().slice(-6)}.token`;
  const expiresAt = new Date(Date.now() + 1_800_000).toISOString();
  return { nodeId: node.id, token, expiresAt, ...joinInstructions(node.name, token, expiresAt) };
}

type ActionBody = { action: string; range: string; reason?: string; until?: string; seconds?: number };

const changeOf: Record<string, (node: Node, body: ActionBody, world: FakeWorld) => Partial<Node>> = {
  cordon: (_, { reason = '' }) => ({ scheduling: { state: 'cordoned', reason, by: 'Ada Admin', since: now() } }),
  uncordon: () => ({ scheduling: { state: 'open', reason: '', by: null, since: null } }),
  drain: (_, { reason = '' }) => ({ scheduling: { state: 'draining', reason, by: 'Ada Admin', since: now() } }),
  'begin-maintenance': (_, { reason = '', until, seconds }) => ({
    maintenance: {
      reason,
      by: 'Ada Admin',
      since: now(),
      until:
        until === undefined
          ? seconds === undefined
            ? null
            : new Date(Date.now() + seconds * 1000).toISOString()
          : new Date(until).toISOString(),
    },
  }),
  'end-maintenance': () => ({ maintenance: null }),
  change: (node, body) => {
    const changed = changedNode(node, body as unknown as Parameters<typeof changedNode>[1]);
    if ('refusal' in changed) throw problem('invalid-request', changed.refusal);
    return { ...changed, revision: node.revision + 1 };
  },
};

function actOnNodes(world: FakeWorld, { body }: Call) {
  const request = body as ActionBody;
  const nodes = nodesOfRange(world, request.range);
  admit(world, request.action as NodeAction, nodes);
  if (request.action === 'remove') world.nodes = world.nodes.filter((one) => !nodes.includes(one));
  else for (const one of nodes) one.node = { ...one.node, ...changeOf[request.action]?.(one.node, request, world) };
  return { range: foldNames(nodes.map(({ node }) => node.name)), count: nodes.length };
}

function replaceNode(world: FakeWorld, { params, body }: Call): Node {
  const found = findNode(world, params['node']);
  const given = body as Node;
  if (given.revision !== undefined && given.revision !== found.node.revision)
    throw problem('revision-conflict', `"${found.node.name}" was changed meanwhile.`);
  const { name, privateIp, publicIp, labels, groups, environments, notes } = given;
  found.node = { ...found.node, name, privateIp, publicIp, labels, groups, environments, notes, revision: found.node.revision + 1 };
  return found.node;
}

function saveView(world: FakeWorld, { body }: Call): NodeView {
  const given = body as Pick<NodeView, 'name' | 'shared' | 'query'>;
  if (world.views.some(({ name }) => name === given.name)) throw problem('view-exists', `There is a view "${given.name}" already.`);
  const view: NodeView = { id: nextId(), ...given, owner: 'Ada Admin', own: true, updatedAt: now() };
  world.views.push(view);
  return view;
}

/** Nodes, what is decided about them, ranges, views. */
export const nodeHandlers: FakeHandlers = {
  listNodes: (world, { query }) => {
    const asked = query as { sort: string; filter: string[]; range?: string; allowEmpty: string; limit: number; offset: number };
    if (asked.filter.includes(`name:${sentinels.failingName}`)) throw problem('internal-error', 'The list could not be made (fault 4711).');
    const found = selectedNodes(world, asked);
    return { items: found.slice(asked.offset, asked.offset + asked.limit), total: found.length };
  },
  exportNodes: (world, { query }) => {
    const asked = query as { sort: string; filter: string[]; range?: string; allowEmpty: string; format: string };
    const found = selectedNodes(world, asked);
    return asked.format === 'json'
      ? JSON.stringify(found, undefined, 2)
      : [nodeCsvHeader(), ...found.map((node) => nodeCsvLine(node, Date.now()))].join('');
  },
  addNode,
  getNode: (world, { params }) => findNode(world, params['node']).node,
  replaceNode,
  removeNode: (world, { params }) => {
    const found = findNode(world, params['node']);
    world.nodes = world.nodes.filter((one) => one !== found);
  },
  makeJoinToken: (world, { params }) => {
    const found = findNode(world, params['node']);
    admit(world, 'join', [found]);
    return tokenOf(found);
  },
  reissueNode: (world, { params }) => {
    const found = findNode(world, params['node']);
    admit(world, 'reissue', [found]);
    found.certificates = found.certificates.map((one) => ({ ...one, revokedAt: one.revokedAt ?? now(), revocationReason: 'reissued' }));
    found.node = { ...found.node, registration: 'pending', certificateSerial: null, certificateExpiresAt: null, certificateIssuedAt: null };
    return tokenOf(found);
  },
  listServices: (world, { params }) => findNode(world, params['node']).services,
  listCertificates: (world, { params }) => ({ items: findNode(world, params['node']).certificates }),
  actOnNodes,
  expandRange: (world, { body }) => {
    const { range, allowEmpty } = body as { range: string; allowEmpty: boolean };
    const names = nodesOfRange(world, range, allowEmpty).map(({ node }) => node.name);
    return { names, range: foldNames(names) };
  },
  listNames: (world, { query }) => {
    const prefix = String(query['prefix']);
    const begins = (all: Iterable<string>) => [...new Set(all)].filter((one) => one.startsWith(prefix)).slice(0, Number(query['limit']));
    return {
      nodes: begins(world.nodes.map(({ node }) => node.name)),
      groups: begins(world.nodes.flatMap(({ node }) => node.groups)),
      labels: begins(world.nodes.flatMap(({ node }) => Object.keys(node.labels))),
      units: begins(world.nodes.flatMap(({ services }) => services.items.map(({ unit }) => unit))),
    };
  },
  listViews: (world) => ({ items: world.views }),
  addView: saveView,
  removeView: (world, { params }) => {
    world.views = world.views.filter(({ id }) => id !== params['id']);
  },
};
