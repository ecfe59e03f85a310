import { randomBytes } from 'node:crypto';
import { posix } from 'node:path';
import { shellQuote } from './shell-quote.ts';

/** What an upload shall leave on the host. */
export interface UploadGoal {
  readonly remotePath: string;
  readonly sha256: string;
  /** Permission bits, such as 0o644. */
  readonly mode: number;
  /** `user` or `user:group`. */
  readonly owner?: string | undefined;
}

/**
 * The script that takes an upload. It needs a POSIX shell, cat, sha256sum and the usual file commands. It speaks in lines:
 * `same` (nothing to do), `attributes` (only mode or owner set), `send` (now reads the content), `done`, `fail REASON`.
 *
 * The content goes to a new file of mode 0600 beside the target and replaces it only when its digest is right, in one
 * rename; on any failure, a lost connection included, the new file is removed.
 */
export function uploadScript(goal: UploadGoal): string {
  const temporary = posix.join(posix.dirname(goal.remotePath), `.muster-upload-${randomBytes(6).toString('hex')}`);
  const mode = goal.mode.toString(8).padStart(4, '0');
  const [user, group] = goal.owner?.split(':') ?? [];
  const ownerTest = (user ? ` -user ${shellQuote(user)}` : '') + (group ? ` -group ${shellQuote(group)}` : '');
  const setOwner = goal.owner === undefined ? 'true' : `chown -- ${shellQuote(goal.owner)}`;
  return `target=${shellQuote(goal.remotePath)}
new=${shellQuote(temporary)}
want=${goal.sha256}
fail() { echo "fail $1"; exit 1; }
digest() { found=$(sha256sum <"$1") && found=\${found%% *}; }
attributes() { ${setOwner} "$1" && chmod ${mode} "$1"; }
command -v sha256sum >/dev/null || fail noSha256sum
[ -d "$target" ] && fail isFolder
[ -d ${shellQuote(posix.dirname(goal.remotePath))} ] || fail noFolder
if [ -f "$target" ] && digest "$target" && [ "$found" = "$want" ]; then
  if [ -n "$(find "$target" -prune -type f -perm ${mode}${ownerTest} 2>/dev/null)" ]; then
    echo same
    exit 0
  fi
  attributes "$target" || fail attributes
  echo attributes
  exit 0
fi
trap 'rm -f "$new"' EXIT
trap 'exit 1' HUP INT TERM PIPE
umask 077
set -C
: >"$new" || fail create
set +C
echo send
cat >"$new" || fail write
digest "$new" || fail read
[ "$found" = "$want" ] || fail digest
attributes "$new" || fail attributes
mv -f "$new" "$target" || fail rename
echo done`;
}
