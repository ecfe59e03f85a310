import { agentRoutes } from './routes/agent-routes.ts';
import { artifactRoutes } from './routes/artifact-routes.ts';
import { backupRoutes } from './routes/backup-routes.ts';
import { consoleRoutes } from './routes/console-routes.ts';
import { environmentRoutes } from './routes/environment-routes.ts';
import { eventRoutes } from './routes/event-routes.ts';
import { figureRoutes } from './routes/figure-routes.ts';
import { inventoryRoutes } from './routes/inventory-routes.ts';
import { nodeActionRoutes } from './routes/node-action-routes.ts';
import { nodeRoutes } from './routes/node-routes.ts';
import { notificationRoutes } from './routes/notification-routes.ts';
import { operationRoutes } from './routes/operation-routes.ts';
import { poolRoutes } from './routes/pool-routes.ts';
import { peopleRoutes } from './routes/people-routes.ts';
import { serverRoutes } from './routes/server-routes.ts';
import { rangeRoutes } from './routes/range-routes.ts';
import { runRoutes } from './routes/run-routes.ts';
import { sessionRoutes } from './routes/session-routes.ts';
import { trustRoutes } from './routes/trust-routes.ts';
import { viewRoutes } from './routes/view-routes.ts';

/** The HTTP interface: every route, one file a subject. A name stands once: the compiler and a test see to it. */
export const routes = {
  ...nodeRoutes,
  ...nodeActionRoutes,
  ...agentRoutes,
  ...consoleRoutes,
  ...rangeRoutes,
  ...viewRoutes,
  ...operationRoutes,
  ...runRoutes,
  ...inventoryRoutes,
  ...environmentRoutes,
  ...artifactRoutes,
  ...eventRoutes,
  ...sessionRoutes,
  ...peopleRoutes,
  ...serverRoutes,
  ...poolRoutes,
  ...trustRoutes,
  ...figureRoutes,
  ...notificationRoutes,
  ...backupRoutes,
} as const;

export type Routes = typeof routes;
export type RouteName = keyof Routes;
