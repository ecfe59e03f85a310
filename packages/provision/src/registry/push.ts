import { shellQuote } from '@muster/ssh';
import { connectionOf } from '../engine/host-run.ts';
import type { HostRun, Run } from '../engine/phase.ts';
import { runScript } from '../host/run-script.ts';
import type { LocalFile } from '../k3s/artifact-folder.ts';
import { uploadOf } from '../k3s/sources.ts';
import { pushConfig, registryFolder } from './files.ts';
import type { WantedImage } from './image-names.ts';

/** `SHA256-OF-ARCHIVE NAME` of the images that were pushed. Beside the images, so that it goes where they go. */
export const pushedNotes = `${registryFolder}/muster-pushed`;

const work = '/var/cache/muster/registry';
/** Loopback only. Not a usual port, and asked for by nobody else. */
const pushPort = 5947;

/**
 * Brings an archive to the registry's host and puts its images in, by a second registry over the same folder which only that host reaches and
 * which ends with the script. May be repeated after a failure anywhere.
 */
export async function pushArchive(
  host: HostRun,
  run: Run,
  { archive, images }: { readonly archive: LocalFile; readonly images: readonly WantedImage[] },
): Promise<void> {
  const connection = connectionOf(host);
  const options = { sudo: true, signal: run.signal };
  await runScript(connection, `umask 022; mkdir -p ${work}`, { ...options, label: `make ${work}` });
  const remote = `${work}/${archive.name}`;
  await connection.upload(await uploadOf(archive, run), remote, { mode: 0o644, owner: 'root:root', ...options });
  const label = `push the images of ${archive.name}`;
  await runScript(connection, pushScript(remote, images), { ...options, label, timeoutSeconds: 3600 });
}

/** What the notes said of the name goes first: cut off after the copy, they would name the image of before. */
const copy = ({ image, name, sha256 }: WantedImage): string => `
if [ -e ${pushedNotes} ]; then
  awk -v name=${shellQuote(name)} '$2 != name' ${pushedNotes} > ${pushedNotes}.new
  mv ${pushedNotes}.new ${pushedNotes}
fi
skopeo copy --quiet --dest-tls-verify=false docker-archive:"$archive":${shellQuote(image)} docker://127.0.0.1:${pushPort}/${shellQuote(name)} >&2
printf '%s %s\\n' ${shellQuote(sha256)} ${shellQuote(name)} >> ${pushedNotes}
`;

const pushScript = (remote: string, images: readonly WantedImage[]): string => `
set -eu
archive=${shellQuote(remote)}
umask 022
cat > ${work}/push.yml <<'END'
${pushConfig(pushPort)}END
# What the registry's own account writes, the registry can read.
setpriv --reuid=docker-registry --regid=docker-registry --clear-groups docker-registry serve ${work}/push.yml > ${work}/log 2>&1 &
server=$!
trap 'kill $server 2>/dev/null; rm -rf ${work}' EXIT
trap 'exit 1' HUP INT TERM
i=0
until skopeo inspect --raw --tls-verify=false docker://127.0.0.1:${pushPort}/muster/none:none 2>&1 | grep -q 'manifest unknown'; do
  i=$((i + 1))
  if [ $i -ge 60 ] || ! kill -0 $server 2>/dev/null; then tail -n 5 ${work}/log >&2; exit 1; fi
  sleep 0.5
done
${images.map((one) => copy(one)).join('')}
`;
