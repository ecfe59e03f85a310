import type { EnvironmentTask } from '@muster/api/agent';
import type { EngineAnswer, EngineParts } from './engine.ts';
import { ensureEnvironment } from './ensure-environment.ts';
import { removeEnvironment } from './remove-environment.ts';

/** Does a task about an environment. Each may be repeated, and cut off anywhere. @throws EnvironmentError */
export const performTask = (task: EnvironmentTask, parts: EngineParts): Promise<EngineAnswer> =>
  task.action === 'ensure' ? ensureEnvironment(task, parts) : removeEnvironment(task, parts);
