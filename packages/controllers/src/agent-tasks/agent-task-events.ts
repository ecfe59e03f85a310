import type { ServiceAction } from '@muster/api';
import type { NewEvent, ServerTask } from '@muster/store';

type About = Pick<ServerTask, 'id' | 'nodeId' | 'nodeName' | 'requestedBy'>;

/** Why an agent does not run, for whoever looks at its node. */
export const stoppedMessage = ({ requestedBy }: About): string => `Stopped by ${requestedBy}.`;

const kinds: Readonly<Record<ServiceAction, NewEvent['kind']>> = {
  start: 'agent-started',
  stop: 'agent-stopped',
  restart: 'agent-restarted',
};
const words: Readonly<Record<ServiceAction, string>> = { start: 'started', stop: 'stopped', restart: 'restarted' };

/** Somebody has started, stopped or restarted an agent. */
export const doneEvent = (task: About, action: ServiceAction): NewEvent => ({
  kind: kinds[action],
  severity: action === 'stop' ? 'warning' : 'info',
  nodeId: task.nodeId,
  nodeName: task.nodeName,
  message: `The agent of ${task.nodeName} was ${words[action]} by ${task.requestedBy}.`,
  data: { by: task.requestedBy, task: task.id },
});
