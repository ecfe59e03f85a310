import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

const secondsOfRequest = [0.005, 0.025, 0.1, 0.25, 1, 2.5, 10, 30];
const secondsOfTask = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600];

/**
 * Every metric of Muster's own, by the conventions of Prometheus: base units in the name, `_total` for what only grows. The table in
 * docs/metrics.md and the queries of the dashboard are compared with it by tests.
 */
export function ownMetrics(registry: Registry) {
  const registers = [registry];
  const gauge = <L extends string = never>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Gauge({ name, help, labelNames, registers });
  const counter = <L extends string = never>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Counter({ name, help, labelNames, registers });
  return {
    build: gauge('muster_build_info', 'Always 1; the version of this server.', ['version']),
    database: gauge('muster_database_up', 'Whether the database answers: 1 or 0. While it is 0, nothing about the fleet is given.'),
    nodes: gauge('muster_nodes', 'Nodes by their states.', ['health', 'registration', 'scheduling', 'maintenance']),
    connected: gauge('muster_agents_connected', 'Agents with an open connection to any server.'),
    heartbeatAge: gauge('muster_heartbeat_age_seconds', 'Time since the last heartbeat over all nodes that were ever heard.', ['quantile']),
    certificate: gauge('muster_certificate_soonest_expiry_timestamp_seconds', 'The first end of a certificate that a node uses.'),
    nodeHeartbeatAge: gauge('muster_node_heartbeat_age_seconds', 'Time since the last heartbeat of a node.', ['node']),
    nodeCertificate: gauge('muster_node_certificate_expiry_timestamp_seconds', 'The end of the certificate that a node uses.', ['node']),
    tasksOpen: gauge('muster_tasks_open', 'Tasks that have not ended.', ['kind', 'state']),
    taskSeconds: new Histogram({
      name: 'muster_task_duration_seconds',
      help: 'How long tasks ran that ended since this server started.',
      labelNames: ['kind', 'state'],
      buckets: secondsOfTask,
      registers,
    }),
    restarts: counter('muster_liveness_restarts_total', 'Agents that were restarted because they were not heard.'),
    brake: gauge('muster_liveness_brake', 'Whether too many nodes are unheard at once, so that nothing is restarted: 1 or 0.'),
    refusals: counter('muster_agent_door_refusals_total', 'Connections and enrolments that this server refused.', ['reason']),
    events: counter('muster_events_total', 'Events of the installation since this server started.', ['kind', 'severity']),
    notifications: gauge('muster_notifications_waiting', 'Events that wait to be told.', ['target_kind']),
    failing: gauge('muster_notification_targets_failing', 'Webhooks or mailboxes that could not be told the last time.', ['target_kind']),
    requestSeconds: new Histogram({
      name: 'muster_http_request_duration_seconds',
      help: 'How long requests to panel and API took; streams of events are left out.',
      labelNames: ['method', 'route', 'status'],
      buckets: secondsOfRequest,
      registers,
    }),
  };
}

export type OwnMetrics = ReturnType<typeof ownMetrics>;
