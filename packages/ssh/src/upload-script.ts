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
  readonly sizeBytes: number;
  /** Fetched from there in place of standard input. */
  readonly peer?: UploadPeer | undefined;
  /** Whether the script says where it writes, so that others may read along. */
  readonly saysWhere?: boolean | undefined;
}

/** Another host that has the content and gives it to whoever shows the token. */
export interface UploadPeer {
  readonly address: string;
  readonly port: number;
  readonly token: string;
}

/** From here on an interrupted upload is resumed; what is smaller is sent again as a whole. */
const LARGE_BYTES = 4 * 1024 * 1024;

/**
 * The script that takes an upload. It needs a POSIX shell, cat, sha256sum and the usual file commands. It speaks in lines:
 * `same` (nothing to do), `attributes` (only mode or owner set), `taking PID FILE` (where it is asked for: while this process lives, the content
 * grows in this file), `send OFFSET` (now reads the content from there on), `done`, `fail REASON`.
 *
 * The content goes to a new file of mode 0600 beside the target and replaces it only when its digest is right, in one
 * rename. On any failure, a lost connection included, the new file is removed; of a large one what has come is kept under a name made of the
 * digest, and the next upload of the same content takes it by renaming, so two at once never write to one file.
 */
export function uploadScript(goal: UploadGoal): string {
  const folder = posix.dirname(goal.remotePath);
  const temporary = posix.join(folder, `.muster-upload-${randomBytes(6).toString('hex')}`);
  const part = posix.join(folder, `.muster-upload-${goal.sha256.slice(0, 32)}.part`);
  const isLarge = goal.sizeBytes >= LARGE_BYTES;
  const mode = goal.mode.toString(8).padStart(4, '0');
  const [user, group] = goal.owner?.split(':') ?? [];
  const ownerTest = (user ? ` -user ${shellQuote(user)}` : '') + (group ? ` -group ${shellQuote(group)}` : '');
  const setOwner = goal.owner === undefined ? 'true' : `chown -h -- ${shellQuote(goal.owner)}`;
  return `target=${shellQuote(goal.remotePath)}
new=${shellQuote(temporary)}
part=${shellQuote(part)}
want=${goal.sha256}
size=${goal.sizeBytes}
fail() { echo "fail $1"; exit 1; }
${isLarge ? QUICK_DIGEST : DIGEST}
count() { wc -c <"$1"; }
attributes() { ${setOwner} "$1" && chmod ${mode} "$1"; }
command -v sha256sum >/dev/null || fail noSha256sum
[ -d "$target" ] && fail isFolder
[ -d ${shellQuote(folder)} ] || fail noFolder
if [ ! -L "$target" ] && [ -f "$target" ] && digest "$target" && [ "$found" = "$want" ]; then
  if [ -n "$(find "$target" -prune -type f -perm ${mode}${ownerTest} 2>/dev/null)" ]; then
    echo same
    exit 0
  fi
  attributes "$target" || fail attributes
  echo attributes
  exit 0
fi
${isLarge ? KEEP_WHAT_CAME : `trap 'rm -f "$new"' EXIT`}
trap 'exit 1' HUP INT TERM PIPE
umask 077
offset=0
${isLarge ? TAKE_UP_PART : ''}
if [ "$offset" -eq 0 ]; then
  set -C
  : >"$new" || fail create
  set +C
fi
${goal.saysWhere === true ? 'echo "taking $$ $new"' : ''}
${goal.peer === undefined ? 'echo "send $offset"\ncat >>"$new" || { rm -f "$new"; fail write; }' : fetchFrom(goal.peer, goal.sizeBytes)}
[ "$(count "$new")" -ge "$size" ] || fail short
digest "$new" || fail read
[ "$found" = "$want" ] || { rm -f "$new"; fail digest; }
attributes "$new" || fail attributes
mv -f "$new" "$target" || fail rename
echo done`;
}

const DIGEST = 'digest() { found=$(sha256sum <"$1") && found=${found%% *}; }';

/** openssl uses the processor's own instructions, where many a sha256sum takes five times as long. */
const QUICK_DIGEST = `digest() {
  found=
  if command -v openssl >/dev/null; then found=$(openssl dgst -sha256 -r <"$1" 2>/dev/null); found=\${found%% *}; fi
  [ \${#found} = 64 ] || { found=$(sha256sum <"$1") && found=\${found%% *}; }
}`;

const KEEP_WHAT_CAME = `keep() {
  [ -e "$new" ] || return 0
  came=$(count "$new")
  if [ "$came" -gt 0 ] && [ "$came" -lt "$size" ]; then mv -fT "$new" "$part"; else rm -f "$new"; fi
}
trap keep EXIT`;

/** Only a file of one's own: in a folder that others write to, anything may have its name. */
const TAKE_UP_PART = `if [ ! -L "$part" ] && [ -f "$part" ] && [ -O "$part" ] && mv -T "$part" "$new"; then
  offset=$(count "$new")
  [ "$offset" -le "$size" ] || { rm -f "$new"; offset=0; }
fi`;

/** The slowest network on which hosts are still asked to give to each other. */
const SLOWEST_BYTES_A_SECOND = 1_000_000;

/**
 * bash speaks TCP by itself. The token stands in the environment, which only the user himself and root can read. In the foreground, because
 * `timeout` otherwise takes what it runs into a process group of its own, where an abort does not reach it.
 */
function fetchFrom({ address, port, token }: UploadPeer, sizeBytes: number): string {
  const patienceSeconds = 60 + Math.ceil(sizeBytes / SLOWEST_BYTES_A_SECOND);
  return `command -v bash >/dev/null && command -v timeout >/dev/null || fail peer
MUSTER_ADDRESS=${shellQuote(address)} MUSTER_PORT=${port} MUSTER_TOKEN=${shellQuote(token)}
export MUSTER_ADDRESS MUSTER_PORT MUSTER_TOKEN
timeout --foreground 10 bash -c 'exec 3<>"/dev/tcp/$MUSTER_ADDRESS/$MUSTER_PORT"' </dev/null 2>/dev/null || fail peer
timeout --foreground ${patienceSeconds} bash -c 'exec 3<>"/dev/tcp/$MUSTER_ADDRESS/$MUSTER_PORT" && printf "%s %s\\n" "$MUSTER_TOKEN" "$1" >&3 && exec cat <&3' bash "$offset" </dev/null >>"$new" || fail peer`;
}
