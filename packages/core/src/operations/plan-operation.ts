import type { OperationSpec, TaskLane, TaskWork } from '@muster/api';
import type { NodeAction } from '../permissions/node-actions.ts';

/** How an operation is done on a node. */
export type OperationPlan = {
  /** In words, for people: `restart ssh.service`. */
  readonly title: string;
  /** What is asked of the permissions. */
  readonly action: NodeAction;
  readonly lane: TaskLane;
  /** Who does it: the node's agent, or the server about the node. */
  readonly doneBy: 'agent' | 'server';
  readonly timeoutSeconds: number;
  readonly work: TaskWork;
};

/** A unit that takes longer to start or stop than this is not done, and systemd goes on by itself. */
const serviceTimeoutSeconds = 120;
/** The longest overlap of two certificates (`agents.certificateOverlapSeconds`), and ten minutes. */
const rotateTimeoutSeconds = 4200;
const agentTimeoutSeconds = 60;
const environmentTimeoutSeconds = 3600;

/** What an operation comes to on each of its nodes. One place for all kinds; the agent's side is its registry of handlers. */
export function planOperation(spec: OperationSpec): OperationPlan {
  switch (spec.kind) {
    case 'service': {
      const { action, unit } = spec;
      return { ...ofAgent(serviceTimeoutSeconds), title: `${action} ${unit}`, action: 'service', work: { kind: 'service', action, unit } };
    }
    case 'exec': {
      const { command, timeoutSeconds } = spec;
      return { ...ofAgent(timeoutSeconds), title: titleOf(command), action: 'exec', work: { kind: 'exec', command } };
    }
    case 'rotate':
      return {
        ...ofAgent(rotateTimeoutSeconds),
        lane: 'certificate',
        title: 'rotate the certificate',
        action: 'rotate',
        work: { kind: 'rotate' },
      };
    case 'agent':
      return {
        title: `${spec.action} the agent`,
        action: `${spec.action}-agent`,
        lane: 'control',
        doneBy: 'server',
        timeoutSeconds: agentTimeoutSeconds,
        work: { kind: 'agent', action: spec.action },
      };
    case 'environment':
      return {
        title: `${spec.action} ${spec.environment}${spec.version === null ? '' : ` (version ${spec.version})`}`,
        action: 'sync-environments',
        lane: 'environment',
        doneBy: 'agent',
        timeoutSeconds: environmentTimeoutSeconds,
        // What an environment is made of, only the server knows: it says so for each node.
        work: { kind: 'environment' },
      };
  }
}

const ofAgent = (timeoutSeconds: number) => ({ lane: 'control' as const, doneBy: 'agent' as const, timeoutSeconds });

const longestTitle = 200;

/** The command as it would be typed: what is more than a plain word stands in quotation marks. Only ever shown. */
function titleOf(command: readonly string[]): string {
  const text = command.map((word) => (/^[\w./:=@%+,-]+$/u.test(word) ? word : JSON.stringify(word))).join(' ');
  return text.length > longestTitle ? `${text.slice(0, longestTitle)}…` : text;
}
