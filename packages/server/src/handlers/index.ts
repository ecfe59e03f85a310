import type { Clock, Log } from '@muster/core';
import type { Handlers } from '../http/handlers.ts';
import type { People } from '../people/people.ts';
import { type ArtifactHandlerParts, artifactHandlers } from './artifacts.ts';
import { type BackupHandlerParts, backupHandlers } from './backup.ts';
import { type ConsoleHandlerParts, consoleHandlers } from './consoles.ts';
import { type ControllerHandlerParts, controllerHandlers } from './controllers.ts';
import { environmentHandlers } from './environments.ts';
import { eventHandlers } from './events.ts';
import { figureHandlers } from './figures.ts';
import { type JoinTokenParts, joinTokenHandlers } from './join-tokens.ts';
import { nodeActionHandlers } from './node-actions.ts';
import { nodeListHandlers } from './node-list.ts';
import { type AgentControlHandlerParts, agentControlHandlers } from './agent-control.ts';
import { type JournalHandlerParts, journalHandlers } from './journal.ts';
import { type NodeHandlerParts, nodeHandlers } from './nodes.ts';
import { rangeHandlers } from './ranges.ts';
import { type OperationHandlerParts, operationHandlers } from './operations.ts';
import { auditHandlers } from './audit.ts';
import { type KeyHandlerParts, keyHandlers } from './keys.ts';
import { peopleHandlers } from './people.ts';
import { type PoolHandlerParts, poolHandlers } from './pool.ts';
import { type InventoryHandlerParts, inventoryHandlers } from './inventories.ts';
import { type RunHandlerParts, runHandlers } from './runs.ts';
import { sessionHandlers } from './session.ts';
import { type SignInWayParts, signInWayHandlers } from './sign-in-ways.ts';
import { type StatusParts, statusHandlers } from './status.ts';
import { type TrustHandlerParts, trustHandlers } from './trust.ts';
import { subscriptionHandlers } from './subscriptions.ts';
import { type WebhookHandlerParts, webhookHandlers } from './webhooks.ts';
import { twoFactorHandlers } from './two-factor.ts';
import { viewHandlers } from './views.ts';

/** Everything the handlers of all routes need. */
export type HandlerParts = NodeHandlerParts &
  WebhookHandlerParts &
  JoinTokenParts &
  ArtifactHandlerParts &
  AgentControlHandlerParts &
  BackupHandlerParts &
  JournalHandlerParts &
  ConsoleHandlerParts &
  ControllerHandlerParts &
  OperationHandlerParts &
  PoolHandlerParts &
  RunHandlerParts &
  InventoryHandlerParts &
  TrustHandlerParts &
  KeyHandlerParts &
  SignInWayParts &
  Omit<StatusParts, 'now'> & { readonly people: People; readonly clock: Clock; readonly log: Log };

/** The handlers of all routes. */
export function handlersOf(parts: HandlerParts): Handlers {
  const now = () => new Date(parts.clock.wallMs());
  return {
    ...nodeHandlers(parts),
    ...nodeListHandlers({ store: parts.store, now }),
    ...nodeActionHandlers(parts),
    ...joinTokenHandlers(parts),
    ...rangeHandlers(parts),
    ...viewHandlers(parts),
    ...runHandlers(parts),
    ...poolHandlers(parts),
    ...inventoryHandlers(parts),
    ...environmentHandlers(parts),
    ...artifactHandlers(parts),
    ...agentControlHandlers(parts),
    ...journalHandlers(parts),
    ...consoleHandlers(parts),
    ...controllerHandlers(parts),
    ...operationHandlers(parts),
    ...eventHandlers(parts.store),
    ...figureHandlers(parts),
    ...webhookHandlers(parts),
    ...subscriptionHandlers({ ...parts, canMail: parts.teller.canMail }),
    ...sessionHandlers(parts),
    ...trustHandlers(parts),
    ...peopleHandlers(parts),
    ...keyHandlers(parts),
    ...twoFactorHandlers(parts),
    ...signInWayHandlers(parts),
    ...auditHandlers(parts.store),
    ...backupHandlers(parts),
    ...statusHandlers({ ...parts, now }),
  };
}
