import type { BackupHead } from '@muster/backup';
import { bytes } from '../output/units.ts';

/** A line about the files of environments that a backup does not hold; empty where there are none. */
export const describeArtifacts = ({ artifacts: { count, bytes: size } }: BackupHead, what: string): string =>
  count === 0
    ? ''
    : `Attention: ${count} artifact${count === 1 ? '' : 's'} of environments (${bytes(size)}) ${count === 1 ? 'is' : 'are'} ${what}.\n`;
