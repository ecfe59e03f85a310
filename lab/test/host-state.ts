import type { ClusterDriver } from './cluster-driver.ts';

/**
 * Places where every installation of a package leaves its bookkeeping, also when the package is removed again: logs, caches, the states
 * of apt, dpkg, ucf and systemd, and the copies that useradd makes of the account files. What is installed is compared by itself.
 */
const bookkeeping = [
  '/proc',
  '/sys',
  '/run',
  '/dev',
  '/tmp',
  '/var/tmp',
  '/var/log',
  '/var/cache',
  '/var/backups',
  '/var/lib/apt',
  '/var/lib/dpkg',
  '/var/lib/ucf',
  '/var/lib/systemd',
  '/etc/.pwd.lock',
  '/etc/passwd-',
  '/etc/group-',
  '/etc/shadow-',
  '/etc/gshadow-',
  '/etc/subuid-',
  '/etc/subgid-',
];

const script = `
prune="${bookkeeping.map((path) => `-path ${path}`).join(' -o ')}"
echo '# files'
find / -xdev \\( $prune \\) -prune -o ! -type d -printf '%p %y %m %U %G %s %l\\n' | sort
echo '# folders'
find / -xdev \\( $prune \\) -prune -o -type d -printf '%p %m %U %G\\n' | sort
echo '# contents of /etc'
find /etc -xdev \\( $prune \\) -prune -o -type f -exec sha256sum {} + | sort -k 2
echo '# packages'
dpkg-query -W -f '\${Package} \${Version} \${db:Status-Abbrev}\\n' | sort
echo '# units'
systemctl list-unit-files --no-legend --no-pager | awk '{print $1, $2}' | sort
echo '# running'
systemctl list-units --type=service --state=active --no-legend --no-pager --plain | awk '{print $1}' | grep -v '^user' | sort
echo '# failed'
systemctl list-units --state=failed --no-legend --no-pager --plain | awk '{print $1}' | sort
echo '# accounts'
getent passwd | sort
getent group | sort
echo '# rules'
nft list ruleset
echo '# listening'
ss -Hltnu | awk '{print $1, $5}' | sort -u
`;

/** Everything of a host that a reset has to leave as it was: files, packages, units, accounts, rules, ports. */
export async function hostState(cluster: ClusterDriver, host: string): Promise<string[]> {
  return (await cluster.on(host, script)).split('\n');
}
