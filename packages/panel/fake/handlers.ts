import type { Event } from '@muster/api';
import { agentHandlers } from './agent-handlers.ts';
import { findNode, type Call, type FakeHandlers } from './call.ts';
import { consoleHandlers } from './console-handlers.ts';
import { environmentHandlers } from './environment-handlers.ts';
import { figureHandlers } from './figure-handlers.ts';
import { nodeHandlers } from './node-handlers.ts';
import { notificationHandlers } from './notification-handlers.ts';
import { operationHandlers } from './operation-handlers.ts';
import { peopleHandlers } from './people-handlers.ts';
import { poolHandlers } from './pool-handlers.ts';
import { runHandlers } from './run-handlers.ts';
import { sessionHandlers } from './session-handlers.ts';
import { trustHandlers } from './trust-handlers.ts';
import type { FakeWorld } from './world.ts';

const ranks = { info: 0, warning: 1, error: 2 } as const;
type EventFilter = { node?: string; limit: number; before?: number; severity?: Event['severity']; kind: Event['kind'][] };

function listEvents(world: FakeWorld, { query }: Call) {
  const { node, limit, before, severity, kind } = query as EventFilter;
  const id = node === undefined ? undefined : findNode(world, node).node.id;
  const items = world.events.filter(
    (event) =>
      (id === undefined || event.nodeId === id) &&
      (before === undefined || event.id < before) &&
      (severity === undefined || ranks[event.severity] >= ranks[severity]) &&
      (kind.length === 0 || kind.includes(event.kind)),
  );
  return { items: items.toReversed().slice(0, limit) };
}

/** Every route that the panel calls. */
export const handlers: FakeHandlers = {
  ...nodeHandlers,
  ...operationHandlers,
  ...runHandlers,
  ...environmentHandlers,
  ...peopleHandlers,
  ...notificationHandlers,
  ...figureHandlers,
  ...agentHandlers,
  ...consoleHandlers,
  ...trustHandlers,
  ...poolHandlers,
  ...sessionHandlers,
  listEvents,
};
