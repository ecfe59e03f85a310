import { undoFolder } from '../host/undo-notes.ts';

/** Packages of the daemon; two of them cannot be installed together. */
const daemons = ['docker.io', 'docker-ce'] as const;

/** Packages of the client, which a run that was killed may have brought before the daemon. */
const clients = ['docker-ce-cli', 'docker-cli'] as const;

/**
 * Lines of script that define conditions: whether the Docker of the host, whole or half installed, is one that a run has brought. The
 * notes alone do not tell: what a run has brought may since have been replaced by somebody's own. `docker_is_ours` is about the daemon,
 * `docker_or_client_is_ours` also holds where only its client has come yet; `containerd_is_ours` is about what runs under it.
 */
export const dockerIsOurs = `
first_is_ours() {
  for name in "$@"; do
    case "$(dpkg-query -W -f '\${db:Status-Status}' "$name" 2>/dev/null)" in
      ''|not-installed|config-files) ;;
      *) grep -qxF -- "$name" ${undoFolder}/packages 2>/dev/null; return ;;
    esac
  done
  return 1
}
docker_is_ours() { first_is_ours ${daemons.join(' ')}; }
containerd_is_ours() { first_is_ours containerd containerd.io; }
docker_or_client_is_ours() { first_is_ours ${[...daemons, ...clients].join(' ')}; }
`;

/**
 * Lines of script that define `is_used_by_docker PATH`: whether a place that Docker or containerd keeps belongs to one that is still on the
 * host. Once the packages of a run are purged, that is somebody else's.
 */
export const isUsedByDocker = `
is_used_by_docker() {
  case "$1" in
    */containerd) (PATH=$PATH:/usr/sbin:/usr/local/bin; command -v containerd >/dev/null 2>&1) ;;
    */docker|*/docker.*) (PATH=$PATH:/usr/sbin:/usr/local/bin; command -v dockerd >/dev/null 2>&1) ;;
    *) return 1 ;;
  esac
}
`;
