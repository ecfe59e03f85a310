import { shellQuote } from '@muster/ssh';
import type { Artifact } from '../artifacts.ts';
import { releaseMark, stagingFolder, stagedPath } from '../phases/stage.ts';

/** Folders in which releases lie and wait on a host; other ones only in tests. */
const usualPlaces = { opt: '/opt', staging: stagingFolder };

/**
 * Script that unpacks a staged artifact beside the release in use and switches to it by one rename. Interrupted anywhere it
 * leaves the old release in use; run again it makes the new one whole. The release before the last is removed.
 */
export function installReleaseScript(program: 'muster' | 'muster-agent', artifact: Artifact, places = usualPlaces): string {
  const releases = `${places.opt}/${program}-releases`;
  const folder = `${releases}/${artifact.version}-${artifact.sha256.slice(0, 12)}`;
  return `
set -eu
umask 022
staged=${shellQuote(stagedPath(artifact, places.staging))}
releases=${shellQuote(releases)}
folder=${shellQuote(folder)}
link=${shellQuote(`${places.opt}/${program}`)}
mark=${shellQuote(artifact.sha256)}
mkdir -p "$releases"
if [ "$(cat "$folder/${releaseMark}" 2>/dev/null)" != "$mark" ]; then
  rm -rf "$folder" "$folder.new"
  mkdir "$folder.new"
  tar -xzf "$staged" -C "$folder.new" --no-same-owner
  printf '%s\\n' "$mark" > "$folder.new/${releaseMark}"
  mv "$folder.new" "$folder"
fi
previous=$(readlink "$link" || true)
if [ "$previous" != "$folder" ]; then
  ln -sfn "$folder" "$link.new"
  mv -T "$link.new" "$link"
  for old in "$releases"/*; do
    case "$old" in "$folder"|"$previous") ;; *) rm -rf "$old" ;; esac
  done
fi
rm -f "$staged"
`;
}
