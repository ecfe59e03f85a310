import type { Operation, TaskState } from '@muster/api';
import { Label } from '@patternfly/react-core';
import { operationLooks, taskLooks } from './task-looks.ts';

export function TaskStateLabel({ state }: { state: TaskState }) {
  const { text, meaning, ...look } = taskLooks[state];
  return (
    <Label {...look} isCompact title={meaning}>
      {text}
    </Label>
  );
}

export function OperationStateLabel({ state }: { state: Operation['state'] }) {
  const { text, meaning, ...look } = operationLooks[state];
  return (
    <Label {...look} isCompact title={meaning}>
      {text}
    </Label>
  );
}
