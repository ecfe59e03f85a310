import { setTimeout as sleep } from 'node:timers/promises';
import { FramedRun } from './framed-run.ts';
import type { Launch } from './launch.ts';
import type { Link } from './link.ts';

const PATIENCE_MS = 5000;

/**
 * Ends a script that is no longer wanted, with all it started in its process group: SIGTERM, SIGKILL after two seconds.
 * sshd's own signals cannot reach what sudo started, so it goes through a second channel, launched the same way. Best
 * effort: never rejects, and gives up after 5 s.
 */
export async function terminateRun(link: Link, launch: Launch, pid: number | undefined): Promise<void> {
  if (pid === undefined || link.isGone) {
    return;
  }
  const run = new FramedRun(link, { launch, script: terminateScript(pid), label: 'stop a command', maxOutputBytes: 4096 });
  const patience = new AbortController();
  await Promise.race([
    run.start().catch(() => undefined),
    sleep(PATIENCE_MS, undefined, { signal: patience.signal }).catch(() => undefined),
  ]);
  patience.abort();
  run.fail(new Error('no longer wanted'));
}

/** The fifth field of /proc/PID/stat is the process group (proc(5)); the shell's own name, the second, has no blanks. */
function terminateScript(pid: number): string {
  return `read -r pid name state parent group rest </proc/${pid}/stat || exit 0
[ "$group" -gt 1 ] || exit 1
kill -TERM "-$group"
seconds=0
while kill -0 ${pid} 2>/dev/null && [ "$seconds" -lt 2 ]; do
  sleep 1
  seconds=$((seconds + 1))
done
kill -KILL "-$group" 2>/dev/null
exit 0`;
}
