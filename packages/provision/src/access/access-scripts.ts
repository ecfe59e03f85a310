import { shellQuote } from '@muster/ssh';

/** What somebody is to have on a host: an account, a key to log in with, and sudo without a password. */
export type Access = {
  /** Name of the account; `root` needs no sudo. */
  readonly user: string;
  /** One line, as in authorized_keys. */
  readonly publicKey: string;
};

/** What of it is there. */
export type AccessSeen = { readonly account: boolean; readonly key: boolean; readonly sudoers: boolean; readonly sudo: boolean };

/** The account names that every distribution takes. */
export const isAccountName = (name: string): boolean => /^[a-z_][a-z0-9_-]{0,31}$/u.test(name);

/** One public key in one line, without options before it. */
export const isPublicKey = (line: string): boolean =>
  /^(?:ssh|ecdsa|sk-ssh|sk-ecdsa)-[a-z0-9@.-]+ [A-Za-z0-9+/]{40,}={0,3}(?: [^\r\n]*)?$/u.test(line);

/** A file of our own: one that somebody else has for this user stays as it is. */
const sudoersPath = (user: string): string => `/etc/sudoers.d/muster-access-${user}`;
const sudoersLine = (user: string): string => `${user} ALL=(ALL:ALL) NOPASSWD: ALL`;

/** Type and key without the comment: the same key under another comment is the same key. */
const bareKey = (publicKey: string): string => publicKey.split(' ').slice(0, 2).join(' ');

/** Prints `account=yes` and so on, or `no`; see {@link AccessSeen}. Changes nothing; runs as root. */
export const lookAtAccess = ({ user, publicKey }: Access): string => `
yes_if() { name=$1; shift; if "$@" >/dev/null 2>&1; then echo "$name=yes"; else echo "$name=no"; fi; }
home=$(getent passwd ${user} | cut -d: -f6)
yes_if account test -n "$home"
yes_if key grep -qF -- ${shellQuote(bareKey(publicKey))} "$home/.ssh/authorized_keys"
yes_if sudoers grep -qxF -- ${shellQuote(sudoersLine(user))} ${sudoersPath(user)}
yes_if sudo command -v visudo
`;

/** Makes what is missing; may be repeated. Runs as root. The key comes on standard input. */
export function makeAccess({ user }: Access, seen: AccessSeen): string {
  return ['set -e', ...(seen.account ? [] : [makeAccount(user)]), ...(seen.key ? [] : [addKey(user)]), ...sudoersIfNeeded(user, seen)].join(
    '\n',
  );
}

const makeAccount = (user: string): string => `
shell=/bin/sh
[ ! -x /bin/bash ] || shell=/bin/bash
getent passwd ${user} >/dev/null || useradd --create-home --shell "$shell" ${user}`;

/** As the account itself: a folder that is not its own is none that root should write through. */
const addKey = (user: string): string => `
IFS= read -r key
printf '%s\\n' "$key" | runuser -u ${user} -- sh -c '
  set -e
  umask 077
  IFS= read -r key
  mkdir -p ~/.ssh
  file=~/.ssh/authorized_keys
  if [ -s "$file" ] && [ -n "$(tail -c 1 "$file")" ]; then echo >> "$file"; fi
  printf "%s\\n" "$key" >> "$file"'`;

function sudoersIfNeeded(user: string, { sudoers }: AccessSeen): string[] {
  if (sudoers || user === 'root') return [];
  // A broken file there would lock everybody out of sudo: it is judged before it is put in place.
  return [
    `
new=$(mktemp)
trap 'rm -f "$new"' EXIT
printf '%s\\n' ${shellQuote(sudoersLine(user))} > "$new"
visudo -cqf "$new"
install -m 0440 -o root -g root "$new" ${sudoersPath(user)}`,
  ];
}

/** What would be made, in words. Pure. */
export function accessChanges({ user }: Access, seen: AccessSeen): string[] {
  return [
    ...(seen.account ? [] : [`make the account ${user}`]),
    ...(seen.key ? [] : [`let the key log in as ${user}`]),
    ...(seen.sudoers || user === 'root' ? [] : [`let ${user} use sudo without a password (${sudoersPath(user)})`]),
  ];
}
