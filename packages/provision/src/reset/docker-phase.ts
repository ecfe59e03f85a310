import { removeDockerNetwork } from '../docker/before-docker.ts';
import { dockerIsOurs, isUsedByDocker } from '../docker/docker-is-ours.ts';
import { connectionOf } from '../engine/host-run.ts';
import type { Phase } from '../engine/phase.ts';
import { runScript } from '../host/run-script.ts';
import { undoFolder } from '../host/undo-notes.ts';
import { workAlone } from '../packages/package-work.ts';

type Observed = { readonly isOurs: boolean };

/** What a Docker of a run has left in the network is also looked for where somebody has removed it, and put no other in its place. */
export const dockerResetLook = `
${dockerIsOurs}
${isUsedByDocker}
is_gone() { grep -qxE 'docker\\.io|docker-ce' ${undoFolder}/packages 2>/dev/null && ! is_used_by_docker /var/lib/docker; }
if docker_is_ours || is_gone; then
  if [ -e /sys/class/net/docker0 ] || systemctl -q is-active docker.service docker.socket 2>/dev/null; then echo docker=ours; fi
fi
true
`;

/** Containers go first, then what runs them; containerd only where it came along. */
const stopScript = `
set -eu
${workAlone}
if systemctl -q is-active docker.service; then
  docker ps -aq | while read -r id; do docker rm --force "$id" >/dev/null || true; done
  docker network prune --force >/dev/null || true
fi
systemctl stop docker.socket docker.service 2>/dev/null || true
${dockerIsOurs}
if containerd_is_ours; then systemctl stop containerd.service 2>/dev/null || true; fi
${removeDockerNetwork}
`;

/** The Docker that a run has brought: its containers, and what it made in the network, which no package takes back. */
export const dockerResetPhase: Phase<Observed> = {
  name: 'docker',
  concerns: () => true,
  observe: async (host, run) => {
    const output = await runScript(connectionOf(host), dockerResetLook, { label: 'look at Docker', sudo: true, signal: run.signal });
    return { isOurs: output.includes('docker=ours') };
  },
  plan: ({ isOurs }) => (isOurs ? [{ what: 'stop Docker with its containers, and remove its networks and firewall rules' }] : []),
  act: async (_observed, host, run) => {
    const options = { label: 'stop Docker', sudo: true, signal: run.signal, timeoutSeconds: 600 };
    await runScript(connectionOf(host), stopScript, options);
  },
};
