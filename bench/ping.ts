import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLab } from '@muster/lab';
import { type Contender, interleaved, processor, ratioTable, unpackRelease } from './contest.ts';
import { opensshConfig } from './openssh-config.ts';

/*
 * Logging in to many hosts and running nothing, by Muster and by its peers, in turn: `node bench/ping.ts [HOSTS] [ROUNDS]`. The same keys and
 * the same key exchange for all; peers that are not installed are named and left out. Needs ansible-core, clustershell and pdsh for all of it.
 */

const count = Number(process.argv[2] ?? 50);
const rounds = Number(process.argv[3] ?? 5);
const lab = openLab({ name: `bench-${process.pid}` });
const folder = mkdtempSync(join(tmpdir(), 'muster-bench-'));

function contenders(muster: string): Contender[] {
  const config = join(folder, 'ssh_config');
  writeFileSync(config, opensshConfig(lab));
  const names = lab.hosts.map(({ name }) => name).join(',');
  const forks = String(count);
  const ansibleEnv = { ANSIBLE_PIPELINING: '1', ANSIBLE_SSH_ARGS: `-F ${config}`, ANSIBLE_HOST_KEY_CHECKING: 'True', HOME: folder };
  return [
    { name: 'muster ping', argv: [muster, 'ping', '-i', lab.inventoryPath, '--known-hosts', lab.knownHostsPath, '-f', forks] },
    { name: 'ansible -m ping', argv: ['ansible', 'all', '-i', lab.inventoryPath, '-m', 'ping', '-f', forks], env: ansibleEnv },
    { name: 'clush', argv: ['clush', '-f', forks, '-w', names, '-o', `-F ${config}`, 'true'] },
    { name: 'pdsh', argv: ['pdsh', '-R', 'ssh', '-f', forks, '-w', names, 'true'], env: { PDSH_SSH_ARGS_APPEND: `-F ${config}` } },
  ];
}

try {
  await lab.down();
  await lab.up(count);
  // Muster tells the OpenSSH client's configuration nothing here: it offers the same key exchange by itself.
  const results = await interleaved(contenders(unpackRelease(folder)), rounds, (argv, env) => lab.exec(argv, { env, timeoutSeconds: 300 }));
  process.stdout.write(`${count} hosts, ${rounds} rounds in turn, medians; ${processor()}\n${ratioTable(results)}`);
} finally {
  await lab.down();
  rmSync(folder, { recursive: true, force: true });
}
