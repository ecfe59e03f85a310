/** What the detect script prints on hosts of several kinds. The clock of all of them shows this moment, seconds since the epoch. */
export const epochSeconds = 1_767_225_600;

const lines = (values: Record<string, string | number>, addresses: readonly string[]): string =>
  [...Object.entries(values).map(([key, value]) => `${key}=${value}`), ...addresses.map((address) => `address=${address}`)].join('\n');

const debian = {
  os_id: 'debian',
  os_version: '13',
  os_name: 'Debian GNU/Linux 13 (trixie)',
  architecture: 'x86_64',
  kernel: '6.12.48+deb13-amd64',
  hostname: 'web1',
  machine_id: '0123456789abcdef0123456789abcdef',
  cores: 8,
  memory_kib: 32_768_000,
  glibc: 'glibc 2.41',
  systemd: 'yes',
  disk_opt_kib: 20_000_000,
  disk_var_kib: 20_000_000,
  disk_opt_size_kib: 40_000_000,
  disk_var_size_kib: 40_000_000,
  epoch: epochSeconds,
  ssh_unit: 'ssh.service',
  default_route: 'default via 10.0.0.1 dev eth0',
  cgroup: 'v2',
  swap_kib: 0,
  listener: 'tcp 0.0.0.0:22 812 ssh.service sshd',
  probe: 'perl',
};

/** A machine of its own: without `name` always the same one. */
export const debianOutput = (address = '10.0.0.11', name = 'web1'): string =>
  `${lines({ ...debian, hostname: name, machine_id: Buffer.from(name).toString('hex').padEnd(32, '0') }, ['lo 127.0.0.1', 'lo ::1', `eth0 ${address}`, 'eth0 fe80::5054:ff:fe12:3456', 'eth1@if7 192.168.50.4'])}\nroute=${address}\n`;

export const ubuntuArmOutput = `${lines(
  { ...debian, os_id: 'ubuntu', os_version: '24.04', os_name: 'Ubuntu 24.04.3 LTS', architecture: 'aarch64', glibc: 'glibc 2.39' },
  ['lo 127.0.0.1', 'enp1s0 10.0.0.12', 'enp1s0 2001:db8::12'],
)}\nroute=10.0.0.12\n`;

export const rockyOutput = `${lines(
  { ...debian, os_id: 'rocky', os_version: '9.5', os_name: 'Rocky Linux 9.5 (Blue Onyx)', glibc: 'glibc 2.34', ssh_unit: 'sshd.service' },
  ['lo 127.0.0.1', 'eth0 10.0.0.13'],
)}\nroute=10.0.0.13\n`;

/** Alpine: no systemd, another C library, tools missing, and what it does not know left empty. */
export const alpineOutput = `os_id=alpine
os_version=3.22.1
os_name=Alpine Linux v3.22
architecture=x86_64
kernel=6.12.31-0-lts
hostname=tiny
machine_id=
cores=2
memory_kib=1010000
glibc=
systemd=no
missing_tool=systemctl
missing_tool=useradd
disk_opt_kib=100000
disk_var_kib=
epoch=${epochSeconds}
address=lo 127.0.0.1
address=eth0 10.0.0.14
route=10.0.0.14
`;

/** A host without the `ip` command. */
export const withoutIpOutput = `${lines({ ...debian, hostname: 'bare', machine_id: 'b'.repeat(32) }, [])}\nroute=\n`;
