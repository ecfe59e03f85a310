import { memberKeyPath } from './places.ts';

/** Line of a look: whether a program of the pool has the key of this machine's certificate, `key=yes` or `key=no`. */
export const lookAtKey = (path: string): string =>
  `if [ -s ${memberKeyPath} ] && cmp -s ${memberKeyPath} ${path}; then echo key=yes; else echo key=no; fi`;

/** Lines of script that give the key to those programs that have one: each reads the certificate anew, and must find the key that goes with it. */
export const renewKeys = (holders: readonly (readonly [user: 'etcd' | 'postgres', path: string])[]): string =>
  holders.map(([user, path]) => `if [ -e ${path} ]; then${giveKey(user, path)}fi\n`).join('');

/** Script that gives a program of the pool the key, for its own user alone. A constant: no value of a host is in it. */
export const giveKey = (user: 'etcd' | 'postgres', path: string): string => `
set -eu
install -o ${user} -g ${user} -m 0600 ${memberKeyPath} ${path}.new
mv ${path}.new ${path}
`;
