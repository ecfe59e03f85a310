import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLab } from '@muster/lab';
import { type Contender, interleaved, ratioTable, unpackRelease } from './contest.ts';

/*
 * Preparing many hosts (10 files, 3 packages, 2 services and 5 kernel parameters on each) by `muster apply --only prepare` and by an
 * Ansible playbook of the same, in turn: a run that finds everything in place, and one that makes all of it but the packages, which are
 * on the lab's image, so that only the look at them counts. `node bench/apply.ts [HOSTS] [ROUNDS]`. Needs ansible-core.
 */

const count = Number(process.argv[2] ?? 50);
const rounds = Number(process.argv[3] ?? 3);
const lab = openLab({ name: `bench-${process.pid}` });
const folder = mkdtempSync(join(tmpdir(), 'muster-bench-'));

const sysctls = {
  'net.ipv4.ip_forward': ['1', '0'],
  'net.ipv4.conf.all.rp_filter': ['2', '0'],
  'net.ipv4.conf.all.accept_redirects': ['0', '1'],
  'net.ipv4.conf.all.send_redirects': ['0', '1'],
  'net.ipv4.conf.all.log_martians': ['1', '0'],
} as const;

/** Variables beside the inventory, which both read. JSON is YAML. */
function writeVariables(inventory: string): void {
  const files = Array.from({ length: 10 }, (_one, index) => ({
    path: `/etc/muster-bench-${index}.conf`,
    content: `# file ${index}\n${'key = value\n'.repeat(40)}`,
  }));
  const services = ['cron', 'nftables'].map((name) => ({ name, state: 'started', enabled: true }));
  const variables = {
    host_packages: ['cron', 'nftables', 'procps'],
    host_files: files,
    host_services: services,
    host_sysctls: Object.fromEntries(Object.entries(sysctls).map(([key, [value]]) => [key, value])),
  };
  mkdirSync(join(inventory, '..', 'group_vars'));
  writeFileSync(join(inventory, '..', 'group_vars', 'all.yml'), JSON.stringify(variables));
}

function contenders(muster: string): Contender[] {
  const inventory = join(folder, 'inventory', 'hosts.ini');
  mkdirSync(join(folder, 'inventory'));
  cpSync(lab.inventoryPath, inventory);
  writeVariables(inventory);
  const forks = String(count);
  const ssh = `-o UserKnownHostsFile=${lab.knownHostsPath} -o StrictHostKeyChecking=yes -o KexAlgorithms=curve25519-sha256 -o ControlMaster=no`;
  const env = { ANSIBLE_PIPELINING: '1', ANSIBLE_SSH_ARGS: ssh, ANSIBLE_HOST_KEY_CHECKING: 'True', HOME: folder };
  const persistent = { ...env, ANSIBLE_SSH_ARGS: `${ssh.replace('ControlMaster=no', 'ControlMaster=auto')} -o ControlPersist=20s` };
  const playbook = join(import.meta.dirname, 'apply', 'playbook.yml');
  return [
    {
      name: 'muster apply --only prepare',
      argv: [muster, 'apply', '--only', 'prepare', '-i', inventory, '--known-hosts', lab.knownHostsPath, '-f', forks],
    },
    { name: 'ansible-playbook', argv: ['ansible-playbook', playbook, '-i', inventory, '-f', forks], env: persistent },
  ];
}

/** Takes away what the contenders have made; its arguments are paths below /proc/sys and their values. */
const forgetScript = `rm -rf /etc/muster-bench-* /etc/sysctl.d/99-z-muster.conf /var/lib/muster-provision
while [ $# -gt 0 ]; do echo "$2" > "/proc/sys/$1"; shift 2; done
systemctl disable --quiet --now nftables`;

async function forget(): Promise<void> {
  const values = Object.entries(sysctls).flatMap(([key, [, before]]) => [key.replaceAll('.', '/'), before]);
  for (const { name } of lab.hosts) {
    const { code, stderr } = await lab.run(name, ['sh', '-c', forgetScript, 'sh', ...values]);
    if (code !== 0) throw new Error(`${name} could not be put back: ${stderr}`);
  }
}

try {
  await lab.down();
  await lab.up(count);
  const both = contenders(unpackRelease(folder));
  const run = (argv: string[], env: Record<string, string>) => lab.exec(argv, { env, timeoutSeconds: 900 });
  const fresh = async (argv: string[], env: Record<string, string>) => {
    await forget();
    return run(argv, env);
  };
  const first = await interleaved(both, rounds, fresh);
  const again = await interleaved(both, rounds, run);
  const cpu = readFileSync('/proc/cpuinfo', 'utf8').match(/^model name\s*:\s*(.*)$/mu)?.[1] ?? 'unknown processor';
  process.stdout.write(`${count} hosts, ${rounds} rounds in turn, medians; ${cpu}\n\nA first run\n\n${ratioTable(first)}`);
  process.stdout.write(`\nA run that changes nothing\n\n${ratioTable(again)}`);
} finally {
  await lab.down();
  rmSync(folder, { recursive: true, force: true });
}
