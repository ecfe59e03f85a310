import { isUsedByDocker } from '../docker/docker-is-ours.ts';
import { undoFolder } from '../host/undo-notes.ts';

/**
 * What the packages that a run may install leave behind when they are purged, with what their programs wrote. Each kind is noted by itself
 * and when it is installed: a program that somebody else installs later keeps its data.
 */
const kinds = [
  {
    notes: 'existed',
    packages: /^(?:munge|slurm)/u,
    places: [
      '/etc/slurm',
      '/var/lib/slurm',
      '/var/spool/slurm',
      '/var/spool/slurmd',
      '/var/spool/slurmctld',
      '/var/log/slurm',
      '/run/slurm',
      '/run/slurmd.pid',
      '/run/slurmctld.pid',
      '/etc/munge',
      '/var/lib/munge',
      '/var/log/munge',
      '/run/munge',
    ],
  },
  {
    notes: 'existed.docker',
    packages: /^docker(?!-registry)/u,
    places: [
      '/etc/docker',
      '/etc/containerd',
      '/var/lib/docker',
      '/var/lib/containerd',
      '/opt/containerd',
      '/run/docker',
      '/run/docker.sock',
      '/run/docker.pid',
      '/run/containerd',
    ],
  },
  {
    notes: 'existed.registry',
    packages: /^(?:docker-registry|skopeo)$/u,
    places: ['/etc/docker/registry', '/etc/docker', '/var/lib/docker-registry', '/etc/containers', '/var/lib/containers'],
  },
  {
    notes: 'existed.nvidia',
    packages: /^nvidia/u,
    places: ['/etc/nvidia', '/etc/nvidia-container-runtime', '/etc/cdi', '/var/lib/nvidia', '/run/nvidia-persistenced'],
  },
  {
    notes: 'existed.pool',
    packages: /^(?:etcd-server|postgresql|patroni)/u,
    places: [
      '/var/lib/etcd',
      '/etc/postgresql',
      '/etc/postgresql-common',
      '/var/lib/postgresql',
      '/var/log/postgresql',
      '/var/cache/postgresql',
      '/run/postgresql',
      '/etc/patroni',
      '/etc/ssl/certs/ssl-cert-snakeoil.pem',
      '/etc/ssl/private/ssl-cert-snakeoil.key',
    ],
  },
  {
    notes: 'existed.chrony',
    packages: /^chrony$/u,
    places: ['/etc/chrony', '/var/lib/chrony', '/var/log/chrony', '/run/chrony', '/run/chrony-dhcp'],
  },
] as const;

/** Lines of script that note, before the first installation of such packages, which of their places are somebody else's. */
export const notePlaces = (names: readonly string[]): string =>
  kinds
    .filter(({ packages }) => names.some((name) => packages.test(name)))
    .map(
      ({ notes, places }) => `
mkdir -p ${undoFolder}
if [ ! -e ${undoFolder}/${notes} ]; then
  for path in ${places.join(' ')}; do [ ! -e "$path" ] || printf '%s\\n' "$path"; done > ${undoFolder}/${notes}.new
  mv ${undoFolder}/${notes}.new ${undoFolder}/${notes}
fi
`,
    )
    .join('');

/** Folders in which other programs and people keep things too: what goes is named here, and the folder when nothing else is in it. */
const shared: ReadonlyMap<string, readonly string[]> = new Map([
  ['/etc/docker', ['/etc/docker/key.json']],
  ['/etc/containers', []],
  ['/var/lib/containers', ['/var/lib/containers/cache']],
]);

const removePlace = (path: string): string => {
  const own = shared.get(path);
  if (own === undefined) return `rm -rf --one-file-system -- ${path}`;
  return `rm -rf --one-file-system -- ${own.join(' ')}; rmdir -- ${path} 2>/dev/null || true`;
};

/**
 * Lines of script that remove those that came with packages, once these are purged. Never what is mounted there from elsewhere, nor what a
 * Docker or containerd has that is still on the host: somebody has put it in the place of a run's.
 */
export const removePlaces = `${isUsedByDocker}${kinds
  .map(
    ({ notes, places }) => `
if [ -e ${undoFolder}/${notes} ]; then
  ${places
    .map((path) => `if ! grep -qxF -- ${path} ${undoFolder}/${notes} && ! is_used_by_docker ${path}; then ${removePlace(path)}; fi`)
    .join('\n  ')}
fi
`,
  )
  .join('')}`;
