import { undoFolder } from '../host/undo-notes.ts';

/** What the packages that a run may install leave behind when they are purged, with what their programs wrote. */
const places = [
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
  '/etc/docker/registry',
  '/etc/docker',
  '/var/lib/docker-registry',
  '/etc/containers',
  '/var/lib/containers',
].join(' ');

/** Lines of script that note, before the first installation, which of these places are somebody else's. */
export const notePlaces = `
mkdir -p ${undoFolder}
if [ ! -e ${undoFolder}/existed ]; then
  for path in ${places}; do [ ! -e "$path" ] || printf '%s\\n' "$path"; done > ${undoFolder}/existed.new
  mv ${undoFolder}/existed.new ${undoFolder}/existed
fi
`;

/** Lines of script that remove those that came with packages. Never what is mounted there from elsewhere. */
export const removePlaces = `
if [ -e ${undoFolder}/existed ]; then
  for path in ${places}; do
    grep -qxF -- "$path" ${undoFolder}/existed || rm -rf --one-file-system -- "$path"
  done
fi
`;
