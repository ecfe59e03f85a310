import { forgetHalfAccounts } from '../host/undo-notes.ts';

/**
 * First lines of every script that changes packages or removes what a run has made: such work outlives the session that began it, so
 * whatever comes later waits for its end, ten minutes at most, and then says who is at work. What it starts inherits the lock.
 */
export const workAlone = `
exec 8>> /run/muster-work.lock
if ! flock -w 600 8; then
  holders=$(exec 8>&-; for process in /proc/[0-9]*; do
    if [ "$process" != /proc/$$ ] && [ "$(readlink "$process/fd/8")" = /run/muster-work.lock ]; then
      printf 'process %s (%s), ' "\${process#/proc/}" "$(cat "$process/comm")"
    fi
  done 2>/dev/null)
  printf 'an earlier run has still been at work here for ten minutes: %ssee "ps -ef" there. Wait for its end, or end it if it hangs, then run the same command again\\n' "$holders" >&2
  exit 1
fi
`;

/** apt without a terminal, and patient where another one is at work. */
export const aptGet = 'apt-get -q -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0';

/**
 * Lines of script that finish what an interrupted dpkg left, which stands in the way of everything else. One that still runs is waited
 * for, five minutes at most. `mustSucceed`: without it the rest goes on, as a purge may.
 */
export const finishInterrupted = (mustSucceed: boolean): string => `
i=0
mended=no
until said=$(dpkg --configure -a 2>&1); do
  i=$((i + 1))
  case "$said-$i-$mended" in
    *'frontend lock'*-150-*|*'database lock'*-150-*) printf '%s\\n' "$said" >&2; exit 1 ;;
    *'frontend lock'*|*'database lock'*) sleep 2 ;;
    *-no) mended=yes; ${forgetHalfAccounts} ;;
    *) ${mustSucceed ? `printf '%s\\n' "$said" >&2; exit 1` : 'break'} ;;
  esac
done
`;

/**
 * Lines of script that run `command` in a session of its own, its output in a file: when the connection is lost it still ends well,
 * instead of in the middle. After a failure come the lines of script in `afterFailure`, and the
 * end of the output is told.
 */
export const toItsEnd = (command: string, afterFailure = ''): string => `
log=/var/cache/muster-packages.log
if ! { setsid --wait ${command}; } > $log 2>&1 < /dev/null; then
  ${afterFailure}
  tail -n 20 $log >&2
  exit 1
fi
rm -f $log
`;
