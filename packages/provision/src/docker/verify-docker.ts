import { undoFolder } from '../host/undo-notes.ts';

/** Stands from a change of Docker until a container was seen to run: a run that fails in between leaves the proof to the next one. */
export const unprovenDocker = `${undoFolder}/unproven.docker`;

/**
 * Runs a container without asking any registry: its image is an archive made of Docker's own init, a program without libraries. Where a
 * package brings none, the daemon's answer has to do. What it makes it takes away again.
 */
export const verifyDockerScript = `
set -eu
PATH=$PATH:/usr/sbin:/usr/libexec/docker
docker version --format '{{.Server.Version}}'
init=$(command -v docker-init || command -v tini-static || true)
if [ -z "$init" ]; then rm -f ${unprovenDocker}; exit 0; fi
folder=$(mktemp -d)
image=muster-check:$$
trap 'rm -rf "$folder"; docker image rm --force $image >/dev/null 2>&1 || true' EXIT
cp -L "$init" "$folder/init"
tar -C "$folder" -cf "$folder/image.tar" init
docker import "$folder/image.tar" $image >/dev/null
docker run --rm $image /init --version
rm -f ${unprovenDocker}
`;
