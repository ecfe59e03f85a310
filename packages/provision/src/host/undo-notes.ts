import { shellQuote } from '@muster/ssh';

/**
 * Where a host keeps what it was like before: which packages and accounts came with a run, and the files that a run replaced. A reset
 * reads it. Each note is written before the change it is about, so an interrupted run leaves one too many, never one too few.
 */
export const undoFolder = '/var/lib/muster-provision';

/**
 * Lines of script that note the files a run is about to write, and keep the ones that were there before. A file that is noted already
 * was written by a run, and is not kept again.
 */
export const noteFiles = (paths: readonly string[], folder = undoFolder): string => `
mkdir -p -m 0700 ${folder}/before
for path in ${paths.map((path) => shellQuote(path)).join(' ')}; do
  if ! grep -qxF -- "$path" ${folder}/files 2>/dev/null; then
    if [ -e "$path" ] || [ -L "$path" ]; then
      mkdir -p -- "${folder}/before$(dirname -- "$path")"
      cp -a -- "$path" "${folder}/before$path"
    fi
    printf '%s\\n' "$path" >> ${folder}/files
  fi
done
`;

/** Lines of script that bring files back as they were before a run wrote them, one by one, and forget the notes about them. */
export const takeBackFiles = (paths: readonly string[]): string => `
for path in ${paths.map((path) => shellQuote(path)).join(' ')}; do
  if grep -qxF -- "$path" ${undoFolder}/files 2>/dev/null; then
    before="${undoFolder}/before$path"
    if [ -e "$before" ] || [ -L "$before" ]; then cp -aT --remove-destination -- "$before" "$path"; else rm -f -- "$path"; fi
    grep -vxF -- "$path" ${undoFolder}/files > ${undoFolder}/files.new || true
    mv ${undoFolder}/files.new ${undoFolder}/files
    rm -rf -- "$before"
  fi
done
`;

const madeFolders = `${undoFolder}/made-folders`;

/** Lines of script that make folders, each after the one it is in, and note those that were not there. */
export const makeFolders = (paths: readonly string[]): string => `
mkdir -p -m 0700 ${undoFolder}
for path in ${paths.map((path) => shellQuote(path)).join(' ')}; do
  if [ ! -d "$path" ]; then
    printf '%s\\n' "$path" >> ${madeFolders}
    mkdir -- "$path"
  fi
done
`;

/** Lines of script that take such folders away again, where nothing else is in them. */
export const removeMadeFolders = `
if [ -e ${madeFolders} ]; then
  sort -ru ${madeFolders} | while read -r path; do rmdir -- "$path" 2>/dev/null || true; done
fi
`;

/** Accounts that the packages make which a run installs. Others that come meanwhile are somebody else's. */
const ofPackages = "grep -xE 'munge|slurm|docker|docker-registry|nvidia-persistenced|etcd|postgres|ssl-cert|_chrony|dnsmasq'";

/** Lines of script after which users and groups are counted as new; `noteNewAccounts` ends it. Interrupted, the first count stays. */
export const countAccounts = `
mkdir -p ${undoFolder}
for kind in passwd group; do
  if [ ! -e ${undoFolder}/$kind.before ]; then
    getent $kind | cut -d: -f1 | sort > ${undoFolder}/$kind.before.new
    mv ${undoFolder}/$kind.before.new ${undoFolder}/$kind.before
  fi
done
`;

/**
 * Lines of script for after an interrupted installation: a group that has come without its user goes again. Scripts of packages make both
 * only where the group is not there.
 */
export const forgetHalfAccounts = `
if [ -e ${undoFolder}/group.before ]; then
  getent group | cut -d: -f1 | sort | comm -13 ${undoFolder}/group.before - | { ${ofPackages} || true; } | while read -r name; do
    id "$name" >/dev/null 2>&1 || groupdel "$name" || true
  done
fi`;

/** Lines of script that note the users and groups that have come since `countAccounts`. */
export const noteNewAccounts = `
for kind in passwd group; do
  [ -e ${undoFolder}/$kind.before ] || continue
  getent $kind | cut -d: -f1 | sort | comm -13 ${undoFolder}/$kind.before - | { ${ofPackages} || true; } >> ${undoFolder}/$kind
  rm -f ${undoFolder}/$kind.before
done
`;
