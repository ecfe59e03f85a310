export { decideOperation, failuresIn, noTasks, operationEnd, type OperationPicture, type OperationStep } from './decide-operation.ts';
export { foldResults, type ResultGroup } from './fold-results.ts';
export { type OperationPlan, planOperation } from './plan-operation.ts';
export { nextTaskState, openTaskStates, signalStates, type TaskOutcome, type TaskSignal } from './task-transitions.ts';
