/**
 * Makes a trigger that runs `work` at most once per `intervalMs`, however often it is called, and never two runs at once: a call
 * during a run leads to one more run after it. So a storm of events cannot keep cancelling the refetch it asks for.
 */
export function coalesce(work: () => Promise<unknown>, intervalMs: number): { trigger(): void; stop(): void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let busy = false;
  let wanted = false;

  const run = async () => {
    busy = true;
    wanted = false;
    await work().catch(() => undefined);
    timer = setTimeout(() => {
      busy = false;
      if (wanted) void run();
    }, intervalMs);
  };

  return {
    trigger() {
      if (busy) wanted = true;
      else void run();
    },
    stop() {
      clearTimeout(timer);
      busy = true;
    },
  };
}
