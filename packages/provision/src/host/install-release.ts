import { shellQuote } from '@muster/ssh';
import type { Artifact } from '../artifacts.ts';
import { releaseMark, stagedPath } from '../phases/stage.ts';

/**
 * Script that unpacks a staged artifact beside the release in use and switches to it by one rename. Interrupted anywhere it
 * leaves the old release in use; run again it makes the new one whole. The release before the last is removed.
 */
export function installReleaseScript(program: 'muster' | 'muster-agent', artifact: Artifact): string {
  const releases = `/opt/${program}-releases`;
  const folder = `${releases}/${artifact.version}-${artifact.sha256.slice(0, 12)}`;
  return `
set -eu
umask 022
staged=${shellQuote(stagedPath(artifact))}
folder=${shellQuote(folder)}
mkdir -p ${releases}
if [ "$(cat "$folder/${releaseMark}" 2>/dev/null)" != ${artifact.sha256} ]; then
  rm -rf "$folder" "$folder.new"
  mkdir "$folder.new"
  tar -xzf "$staged" -C "$folder.new" --no-same-owner
  printf '%s\\n' ${artifact.sha256} > "$folder.new/${releaseMark}"
  mv "$folder.new" "$folder"
fi
previous=$(readlink /opt/${program} || true)
ln -sfn "$folder" /opt/${program}.new
mv -T /opt/${program}.new /opt/${program}
for old in ${releases}/*; do
  case "$old" in "$folder"|"$previous") ;; *) rm -rf "$old" ;; esac
done
rm -f "$staged"
`;
}
