import { shellQuote } from '@muster/ssh';
import { hashLine } from '../host/managed-file.ts';
import { noteRestart } from '../host/service.ts';
import { noteFiles, undoFolder } from '../host/undo-notes.ts';
import { slurmConfPath, slurmMarker } from './slurm-conf.ts';

/** Lies in the folder of the state, and says whose it is and what it was before. By it controllers know that they see the same folder. */
const markName = '.muster-slurm';
/** One for each controller that works with the folder, with its hostname at the end. */
const userPrefix = '.muster-controller-';
/** Folders of the state that this host has worked with, a line for each. */
export const stateNote = `${undoFolder}/slurm-state`;
/** Makes slurmctld wait for the folder, and not start without it. */
export const dropInPath = '/etc/systemd/system/slurmctld.service.d/muster.conf';

/** The content of the drop-in: an empty mount point is no state. */
export const dropIn = (folder: string): string => `# Written by "muster apply": slurmctld is not started without the folder of its state.
[Unit]
RequiresMountsFor=${folder}
[Service]
ExecStartPre=/usr/sbin/runuser -u slurm -- /usr/bin/test -e ${folder}/${markName}
`;

/** What an administrator, a file system or a file server may have in a folder that is empty otherwise. */
const passOver = 'lost+found|.snapshot|.nfs*|.muster-*';

/**
 * Defines `as_slurm`: a file server may not let root write. Before the packages have come there is no such user, and root looks.
 */
const asSlurm = `
as_slurm() { if id slurm >/dev/null 2>&1; then runuser -u slurm -- "$@"; else "$@"; fi; }
`;

/** Prints what `readStateSeen` reads of this controller and of the folder where its state is to be. */
export const lookAtState = (folder: string): string => `
${asSlurm}
folder=${shellQuote(folder)}
printf 'hostname=%s\\n' "$(hostname -s 2>/dev/null || hostname)"
printf 'uid=%s\\n' "$(id -u slurm 2>/dev/null)"
current=''
if head -n 1 ${slurmConfPath} 2>/dev/null | grep -qF ${shellQuote(slurmMarker)}; then
  current=$(sed -n 's/^StateSaveLocation=//p' ${slurmConfPath} | head -n 1)
  printf 'primary=%s\\n' "$(sed -n 's/^SlurmctldHost=\\([^(]*\\).*/\\1/p' ${slurmConfPath} | head -n 1)"
fi
printf 'current=%s\\n' "$current"
if [ -n "$current" ] && as_slurm test -e "$current/clustername"; then echo current_state=yes; fi
${hashLine('drop_in', dropInPath)}
noted=no
if grep -qxF -- "$folder" ${stateNote} 2>/dev/null; then noted=yes; fi
printf 'noted=%s\\n' "$noted"
[ -d "$folder" ] || exit 0
echo there=yes
stat -c 'owner=%u' "$folder"
if as_slurm test -w "$folder" && as_slurm test -x "$folder"; then echo writable=yes; fi
if as_slurm test -e "$folder/clustername" || as_slurm test -e "$folder/job_state"; then echo state=yes; fi
as_slurm cat "$folder/${markName}" 2>/dev/null | sed 's/^/mark_/'
printf 'inode=%s\\n' "$(as_slurm stat -c %i "$folder/${markName}" 2>/dev/null)"
as_slurm ls -A "$folder" 2>/dev/null | while read -r name; do
  case "$name" in
    ${userPrefix}*) printf 'user=%s\\n' "\${name#${userPrefix}}" ;;
    ${passOver}) ;;
    *) printf 'other=%s\\n' "$name" ;;
  esac
done | sort -r | head -n 200
`;

/** Whether the folder is there at all: asked before anything is installed. */
export const lookForFolder = (folder: string): string => `if [ -d ${shellQuote(folder)} ]; then echo there=yes; fi`;

/**
 * Makes the folder Slurm's, and puts a fresh mark into it that the others are to see. What the folder was like stands in the mark before it is
 * changed, and is never written again. Standard input: what else is to be in the mark.
 */
export const markFolder = (folder: string): string => `
set -eu
${asSlurm}
folder=${shellQuote(folder)}
mark="$folder/${markName}"
[ -d "$folder" ] || install -d -m 0700 -o slurm -g slurm "$folder"
more=$(cat)
before=$(as_slurm cat "$mark" 2>/dev/null | grep -E '^(owner|mode|state)=' || true)
if [ -z "$before" ]; then
  state=none
  if as_slurm test -e "$folder/clustername" || as_slurm test -e "$folder/job_state"; then state=before; fi
  before=$(stat -c 'owner=%u:%g
mode=%a' "$folder"; echo "state=$state")
fi
text="token=$(od -An -N 16 -tx1 /dev/urandom | tr -d ' \\n')
$before
$more"
uid=$(id -u slurm)
if [ "$(stat -c %u "$folder")" != "$uid" ]; then
  printf '%s\\n' "$text" > "$mark"
  if ! chown slurm:slurm "$mark" "$folder" || ! chmod 0700 "$folder"; then
    echo "$folder cannot be given to slurm from here: make it the property of uid $uid and gid $(id -g slurm) on the file server" >&2
    exit 1
  fi
fi
printf '%s\\n' "$text" | as_slurm sh -c 'umask 077; cat > "$1.new" && mv "$1.new" "$1"' sh "$mark"
as_slurm sed -n 's/^token=//p' "$mark"
`;

/** Waits until the mark with the token on standard input is seen. A file server's clients may take a minute to look again. */
export const seeMark = (folder: string): string => `
${asSlurm}
read -r token
i=0
while [ $i -lt 140 ]; do
  if as_slurm grep -qxF "token=$token" ${shellQuote(`${folder}/${markName}`)} 2>/dev/null; then exit 0; fi
  i=$((i + 1)); sleep 0.5
done
exit 1
`;

/** Notes that this controller works with the folder: on the host for a reset, and in the folder for the other controllers. */
export const registerUser = (folder: string): string => `
set -eu
mkdir -p -m 0700 ${undoFolder}
grep -qxF -- ${shellQuote(folder)} ${stateNote} 2>/dev/null || printf '%s\\n' ${shellQuote(folder)} >> ${stateNote}
runuser -u slurm -- touch ${shellQuote(folder)}"/${userPrefix}$(hostname -s 2>/dev/null || hostname)"
`;

/** Stops slurmctld where its state is going to move. It is noted, so it starts again also when this run ends here. */
export const stopController = `
set -eu
${noteRestart('slurmctld.service')}
systemctl stop slurmctld.service
`;

/**
 * Copies the state from the folder $1 to $2; the file by which a state is known comes last. The state in $1 stays as it is. Repeated after an
 * interruption, it begins anew.
 */
export const copyFiles = `
set -eu
old=$1
new=$2
aside="$new/.muster-copy"
rm -rf "$aside"
mkdir -m 0700 "$aside"
for path in "$old"/* "$old"/.[!.]*; do
  name=\${path##*/}
  case "$name" in ${passOver}) continue ;; esac
  [ ! -e "$path" ] || cp -a -- "$path" "$aside/$name"
done
rm -f "$new/clustername"
for path in "$aside"/* "$aside"/.[!.]*; do
  name=\${path##*/}
  if [ ! -e "$path" ] || [ "$name" = clustername ]; then continue; fi
  rm -rf -- "$new/$name"
  mv -- "$path" "$new/$name"
done
mv -- "$aside/clustername" "$new/clustername"
rmdir "$aside"
`;

/** The same on a host, as slurm. */
export const copyState = (from: string, to: string): string => `
set -eu
runuser -u slurm -- sh -s ${shellQuote(from)} ${shellQuote(to)} <<'END_OF_COPY'
${copyFiles}
END_OF_COPY
`;

/** Notes the drop-in for a reset, and makes its folder. */
export const readyDropIn = `
set -eu
${noteFiles([dropInPath])}
mkdir -p "$(dirname ${dropInPath})"
`;

/** Removes what slurmctld was told about the folder, where there is no shared one any more. */
export const removeDropIn = `
set -eu
rm -f ${dropInPath}
rmdir "$(dirname ${dropInPath})" 2>/dev/null || true
systemctl daemon-reload
`;

/**
 * Leaves the folder $1 as the controller of the hostname $2. Without any other controller there, everything in it that belongs to the user $3
 * goes, where a run had found no state. The mark goes last: it says what was before. Prints what the folder was like, once it is left.
 */
export const releaseFiles = `
set -eu
folder=$1
rm -f -- "$folder/${userPrefix}$2"
for path in "$folder"/${userPrefix}*; do [ ! -e "$path" ] || exit 0; done
mark="$folder/${markName}"
[ -e "$mark" ] || exit 0
if grep -qxF state=none "$mark"; then
  find "$folder" -xdev -mindepth 1 -user "$3" ! -path "$mark" -delete
fi
grep -E '^(owner|mode)=' "$mark"
rm -f -- "$mark"
`;

/** The same on a host, as slurm; then the folder is given back. Nothing is done where it is not mounted, or slurm is gone. */
export const releaseState = (folder: string): string => `
set -eu
folder=${shellQuote(folder)}
if [ -d "$folder" ] && id slurm >/dev/null 2>&1; then
  was=$(runuser -u slurm -- sh -s "$folder" "$(hostname -s 2>/dev/null || hostname)" slurm <<'END_OF_RELEASE'
${releaseFiles}
END_OF_RELEASE
)
  owner=$(printf '%s\\n' "$was" | sed -n 's/^owner=//p')
  mode=$(printf '%s\\n' "$was" | sed -n 's/^mode=//p')
  # A file server may not let root do this; what slurm had there is gone anyhow.
  if [ -n "$owner" ] && [ -n "$mode" ]; then chown "$owner" "$folder" && chmod "$mode" "$folder" || true; fi
fi
grep -vxF -- "$folder" ${stateNote} > ${stateNote}.new || true
mv ${stateNote}.new ${stateNote}
`;
