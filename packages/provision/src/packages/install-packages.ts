import { shellQuoteAll } from '@muster/ssh';
import { countAccounts, noteNewAccounts, undoFolder } from '../host/undo-notes.ts';
import { notePlaces } from './left-behind.ts';
import { packageCache } from './package-source.ts';
import { aptGet, finishInterrupted, toItsEnd, workAlone } from './package-work.ts';

/** What apt reads instead of the host's own sources, when packages come from a folder. */
const own = {
  sources: '/var/cache/muster/packages.list',
  lists: '/var/cache/muster/apt-lists',
};

/** Makes a package archive of the uploaded files: apt then takes from it what is needed, and in the order that is needed. */
const makeArchive = `
cd ${packageCache}
for deb in *.deb; do
  dpkg-deb -f "$deb"
  printf 'Filename: ./%s\\nSize: %s\\nSHA256: %s\\n\\n' "$deb" "$(stat -c %s "$deb")" "$(sha256sum < "$deb" | cut -d' ' -f1)"
done > Packages
cd /
printf 'deb [trusted=yes] file:${packageCache} ./\\n' > ${own.sources}
mkdir -p ${own.lists}/partial
set -- -o Dir::Etc::SourceList=${own.sources} -o Dir::Etc::SourceParts=/dev/null -o Dir::State::Lists=${own.lists} \\
  -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=
`;

/** Packages of the host that went for those of a run; a reset installs them again. */
export const replacedNote = `${undoFolder}/replaced-packages`;

const noteReplaced = (replaced: readonly string[]): string => `
mkdir -p ${undoFolder}
for name in ${shellQuoteAll(replaced)}; do
  if printf '%s\\n' "$removed" | grep -qxF -- "$name" && ! grep -qxF -- "$name" ${replacedNote} 2>/dev/null; then
    printf '%s\\n' "$name" >> ${replacedNote}
  fi
done
`;

/**
 * Nothing is taken away that no run has brought: it would be in no note, and no reset could bring it back. Except what may be `replaced`, which is
 * noted to come back.
 */
const refuseRemovals = (replaced: readonly string[]): string => `
removed=$(printf '%s\\n' "$plan" | sed -n 's/^\\(Purg\\|Remv\\) \\([^ ]*\\).*/\\2/p')
${replaced.length === 0 ? '' : noteReplaced(replaced)}
others=$(printf '%s\\n' "$removed" | while read -r name; do
  case " ${replaced.join(' ')} " in *" $name "*) continue ;; esac
  [ -z "$name" ] || grep -qxF -- "$name" ${undoFolder}/packages 2>/dev/null || printf '%s ' "$name"
done)
if [ -n "$others" ]; then
  echo "the installation would remove packages that no run has brought, and was not begun: $others. Remove them there yourself if nothing needs them, or ask for packages that go together with them; then run the same command again" >&2
  exit 1
fi
`;

/** After a failure: what has not come is not a run's, should somebody install it by hand. What has come half stays noted. */
const forgetAbsent = `
for name in $new; do
  case "$(dpkg-query -W -f '\${db:Status-Status}' "$name" 2>/dev/null)" in ''|not-installed) ;; *) continue ;; esac
  grep -vxF -- "$name" ${undoFolder}/packages > ${undoFolder}/packages.new || true
  mv ${undoFolder}/packages.new ${undoFolder}/packages
done
`;

/**
 * Script that installs Debian packages with what they depend on, from the uploaded folder or from the host's own sources. What it is
 * going to install is noted before, for a reset; what is installed already stays as it is, but for what is `replaced`. May be repeated after a failure anywhere.
 */
export const installPackagesScript = (names: readonly string[], isFromFolder: boolean, replaced: readonly string[] = []): string => `
set -eu
umask 022
${workAlone}
export DEBIAN_FRONTEND=noninteractive
set --
${isFromFolder ? makeArchive : ''}
apt() { ${aptGet} "$@"; }
${finishInterrupted(true)}
apt "$@" update >&2
plan=$(apt "$@" --simulate --no-install-recommends install ${shellQuoteAll(names)})
${refuseRemovals(replaced)}
${countAccounts}
${notePlaces(names)}
# An upgrade shows the version before in brackets, and is nothing that a reset could take away.
new=$(printf '%s\\n' "$plan" | sed -n 's/^Inst \\([^ ]*\\) (.*/\\1/p')
for name in $new; do
  grep -qxF -- "$name" ${undoFolder}/packages 2>/dev/null || printf '%s\\n' "$name" >> ${undoFolder}/packages
done
${toItsEnd(`${aptGet} "$@" --yes --no-install-recommends -o Dpkg::Options::=--force-confold install ${shellQuoteAll(names)}`, forgetAbsent)}
${noteNewAccounts}
rm -rf ${packageCache} ${own.lists} ${own.sources}
`;

/** Script that prints `missing=NAME` for each of the packages that is not installed. */
export const missingPackagesScript = (names: readonly string[]): string => `
for name in ${shellQuoteAll(names)}; do
  case "$(dpkg-query -W -f '\${db:Status-Status}' "$name" 2>/dev/null)" in installed) ;; *) printf 'missing=%s\\n' "$name" ;; esac
done
`;
