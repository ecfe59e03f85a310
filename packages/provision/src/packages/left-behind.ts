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

/** Lines of script that remove those that came with packages. Never what is mounted there from elsewhere. */
export const removePlaces = kinds
  .map(
    ({ notes, places }) => `
if [ -e ${undoFolder}/${notes} ]; then
  for path in ${places.join(' ')}; do
    grep -qxF -- "$path" ${undoFolder}/${notes} || rm -rf --one-file-system -- "$path"
  done
fi
`,
  )
  .join('');
