import { noteFiles } from '../host/undo-notes.ts';
import { mungeKeyPath } from './services.ts';

/** Script that makes the key where its package did not make one of its own. */
export const makeKey = `
set -eu
if [ ! -s ${mungeKeyPath} ]; then
  umask 077
  dd if=/dev/urandom of=${mungeKeyPath}.new bs=128 count=8 status=none
  chown munge:munge ${mungeKeyPath}.new
  chmod 0600 ${mungeKeyPath}.new
  mv ${mungeKeyPath}.new ${mungeKeyPath}
fi
`;

/** Script that prints the key in base64. It is kept from every report. */
export const readKey = `base64 -w 0 < ${mungeKeyPath}`;

/** Script that puts the key of a controller, base64 on its standard input, into the place of the host's own. */
export const takeKey = `
set -eu
${noteFiles([mungeKeyPath])}
umask 077
base64 -d > ${mungeKeyPath}.new
chown munge:munge ${mungeKeyPath}.new
chmod 0600 ${mungeKeyPath}.new
mv ${mungeKeyPath}.new ${mungeKeyPath}
`;
