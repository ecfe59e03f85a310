import type { BrakeVerdict, ChangeLine, RestartLine } from '@muster/core';
import type { NewEvent } from '@muster/store';

type About = Pick<NewEvent, 'kind' | 'severity'>;

const eventOf = ({ nodeId, nodeName, message }: Omit<ChangeLine, 'from'>, about: About, data: NewEvent['data'] = {}): NewEvent => ({
  ...about,
  nodeId,
  nodeName,
  message: `${nodeName}: ${message}`,
  data,
});

/** An agent was restarted by the monitor. */
export const restartedEvent = (line: RestartLine): NewEvent =>
  eventOf(line, { kind: 'agent-restarted', severity: 'warning' }, { attempt: line.attempt, by: 'liveness' });

/** The monitor has done what it can. */
export const givenUpEvent = (line: ChangeLine): NewEvent =>
  eventOf({ ...line, message: `${line.message} Somebody has to look.` }, { kind: 'agent-needs-attention', severity: 'error' });

/** An agent is heard again, whoever brought that about. */
export const heardAgainEvent = (line: ChangeLine): NewEvent => eventOf(line, { kind: 'agent-started', severity: 'info' });

/** The brake was put on or let go. */
export const brakeEvent = (verdict: Exclude<BrakeVerdict, { action: 'stay-off' }>): NewEvent => ({
  kind: 'liveness-brake',
  severity: verdict.action === 'hold' ? 'error' : 'info',
  nodeId: null,
  nodeName: null,
  message: verdict.message,
  data: verdict.action === 'hold' ? { on: true, unheard: verdict.unheard, watched: verdict.watched } : { on: false },
});
