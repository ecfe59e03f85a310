import { shellQuote } from '@muster/ssh';
import type { Artifact } from '../artifacts.ts';
import { releaseMark, stagingFolder, stagedPath } from '../phases/stage.ts';

/** Folders in which releases lie and wait on a host; other ones only in tests. */
const usualPlaces = { opt: '/opt', staging: stagingFolder };

/**
 * Script that unpacks a staged artifact beside the release in use and switches to it by one rename. Interrupted anywhere it
 * leaves the old release in use; run again it makes the new one whole. The release before the last is removed. Where archives
 * are to be kept, as on the driver, which installs other hosts from them, that of the release before goes; else the staged one goes too.
 */
export function installReleaseScript(
  program: 'muster' | 'muster-agent',
  artifact: Artifact,
  { isKept, places = usualPlaces }: { readonly isKept: boolean; readonly places?: typeof usualPlaces },
): string {
  return `${unpackReleaseScript(program, artifact, places)}
link=${shellQuote(`${places.opt}/${program}`)}
previous=$(readlink "$link" || true)
if [ "$previous" != "$folder" ]; then
  ln -sfn "$folder" "$link.new"
  mv -T "$link.new" "$link"
  for old in "$releases"/*; do
    case "$old" in "$folder"|"$previous") ;; *) rm -rf "$old" ;; esac
  done
fi
${isKept ? keepOnlyThis(places.staging) : 'rm -f "$staged"'}
`;
}

/** Script that only unpacks a staged artifact beside the release in use, into `$folder`. Run again it makes whole what was interrupted. */
export function unpackReleaseScript(program: 'muster' | 'muster-agent', artifact: Artifact, places = usualPlaces): string {
  const releases = `${places.opt}/${program}-releases`;
  const folder = `${releases}/${artifact.version}-${artifact.sha256.slice(0, 12)}`;
  return `
set -eu
umask 022
staged=${shellQuote(stagedPath(artifact, places.staging))}
releases=${shellQuote(releases)}
folder=${shellQuote(folder)}
mark=${shellQuote(artifact.sha256)}
mkdir -p "$releases"
if [ "$(cat "$folder/${releaseMark}" 2>/dev/null)" != "$mark" ]; then
  rm -rf "$folder" "$folder.new"
  mkdir "$folder.new"
  tar -xzf "$staged" -C "$folder.new" --no-same-owner
  printf '%s\\n' "$mark" > "$folder.new/${releaseMark}"
  mv "$folder.new" "$folder"
fi
`;
}

/** An archive is named after its content, and each release knows that name. */
const keepOnlyThis = (staging: string): string => `if [ -n "$previous" ] && [ "$previous" != "$folder" ]; then
  before=$(cat "$previous/${releaseMark}" 2>/dev/null || true)
  case "$before" in ''|"$mark"|*[!0-9a-f]*) ;; *) rm -f ${shellQuote(staging)}"/$before.tar.gz" ;; esac
fi`;
