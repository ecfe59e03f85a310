import { messageOf } from '../../agent-error.ts';
import type { Rotated } from '../../renewal/rotation.ts';
import { endedEarly, endReasonOf, type HandlerResult, type TaskHandler } from '../task-handler.ts';

/**
 * Rotates the node's certificate. Succeeds when the new one is proven by a heartbeat and the old one revoked; a hook that failed makes the
 * task fail all the same, because a service may go on with the old one, and the next nodes of a batch should not follow.
 */
export function rotateHandler(rotate: (id: string, signal: AbortSignal) => Promise<Rotated>): TaskHandler {
  return {
    repeatable: true,
    run: async ({ id, signal, timeoutSeconds }) => {
      try {
        return resultOf(await rotate(id, signal));
      } catch (error) {
        const reason = endReasonOf(signal);
        return reason === undefined ? { outcome: 'failed', message: messageOf(error) } : endedEarly(reason, timeoutSeconds);
      }
    },
  };
}

function resultOf({ serial, hooks }: Rotated): HandlerResult {
  const output = hooks.map(({ name, ok, message }) => `${name}: ${ok ? 'ok' : 'failed'}: ${message}\n`).join('');
  const failed = hooks.filter((one) => !one.ok);
  if (failed.length === 0)
    return { outcome: 'succeeded', message: `Certificate ${serial.toLowerCase()} is in use; the old one is revoked.`, output };
  const names = failed.map(({ name }) => name).join(', ');
  return {
    outcome: 'failed',
    message: `Certificate ${serial.toLowerCase()} is in use, but hooks failed (${names}): services may still use the old one.`,
    output,
  };
}
