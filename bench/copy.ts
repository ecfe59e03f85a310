import { createHash, randomBytes } from 'node:crypto';
import { appendFileSync, createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLab } from '@muster/lab';
import { type Contender, interleaved, processor, ratioTable, unpackRelease } from './contest.ts';
import { opensshConfig } from './openssh-config.ts';

/*
 * One large file of random content to many hosts, by Muster and by its peers, in turn: `node bench/copy.ts [HOSTS] [MEGABYTES] [ROUNDS] [RATE]`. After
 * each the file is verified by its SHA-256 on every host, and removed. Needs ansible-core and clustershell for all of it.
 *
 * Between lab hosts a line costs nothing but processor time, of which all share what this machine has. With RATE, such as `1gbit`, whatever a
 * host sends goes out at that rate, and what the client sends too: lines as real machines have them, one each, the same for all contenders.
 */

const [count, megabytes, rounds] = [20, 200, 3].map((usual, at) => Number(process.argv[2 + at] ?? usual)) as [number, number, number];
const rate = process.argv[5];
const lab = openLab({ name: `bench-${process.pid}` });
const folder = mkdtempSync(join(tmpdir(), 'muster-bench-'));
const [file, target] = [join(folder, 'artifact'), '/var/tmp/artifact'];

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

const VERIFY = 'openssl dgst -sha256 -r "$1"; rm -f "$1"; ls -A /var/tmp | grep -c muster-upload';

/** @throws Error when a host does not have the file as it is here */
async function verifyAndRemove(sha256: string): Promise<void> {
  await Promise.all(
    lab.hosts.map(async ({ name }) => {
      const { stdout } = await lab.run(name, ['sh', '-s', target], { input: VERIFY });
      if (!stdout.startsWith(`${sha256} `) || !stdout.endsWith('\n0\n')) throw new Error(`${name} does not have the file: ${stdout}`);
    }),
  );
}

const shape = (device: string, to: string): string[] => [
  'tc',
  'qdisc',
  'add',
  'dev',
  device,
  'root',
  'tbf',
  'rate',
  to,
  'burst',
  '1mb',
  'latency',
  '100ms',
];

/** Gives every host and the client a line of their own. @throws Error when the rate is none */
async function shapeLines(to: string): Promise<void> {
  const { stdout } = await lab.exec(['sh', '-c', 'ip -o link show type bridge | cut -d: -f2']);
  const shaped = await Promise.all([lab.exec(shape(stdout.trim(), to)), ...lab.hosts.map(({ name }) => lab.run(name, shape('eth0', to)))]);
  const failed = shaped.find(({ code }) => code !== 0);
  if (failed !== undefined) throw new Error(`no line of ${to}: ${failed.stderr}`);
}

function contenders(muster: string): Contender[] {
  const config = join(folder, 'ssh_config');
  writeFileSync(config, opensshConfig(lab));
  const forks = String(count);
  const names = lab.hosts.map(({ name }) => name).join(',');
  const ansibleEnv = { ANSIBLE_PIPELINING: '1', ANSIBLE_SSH_ARGS: `-F ${config}`, ANSIBLE_HOST_KEY_CHECKING: 'True', HOME: folder };
  return [
    {
      name: 'muster copy',
      argv: [muster, 'copy', file, target, '-i', lab.inventoryPath, '--known-hosts', lab.knownHostsPath, '-f', forks],
    },
    {
      name: 'ansible -m copy',
      argv: ['ansible', 'all', '-i', lab.inventoryPath, '-b', '-m', 'copy', '-a', `src=${file} dest=${target} mode=0644`, '-f', forks],
      env: ansibleEnv,
    },
    { name: 'clush --copy', argv: ['clush', '-f', forks, '-w', names, '-o', `-F ${config}`, '--copy', file, '--dest', target] },
  ];
}

try {
  await lab.down();
  await lab.up(count);
  if (rate !== undefined) await shapeLines(rate);
  for (let written = 0; written < megabytes; written += 1) appendFileSync(file, randomBytes(1_000_000));
  const sha256 = await digestOf(file);
  const results = await interleaved(contenders(unpackRelease(folder)), rounds, async (argv, env) => {
    const ended = await lab.exec(argv, { env, timeoutSeconds: 900 });
    if (ended.code === 0) await verifyAndRemove(sha256);
    return ended;
  });
  process.stdout.write(
    `${megabytes} MB to ${count} hosts${rate === undefined ? '' : `, ${rate} each`}, ${rounds} rounds in turn, medians; ${processor()}\n${ratioTable(results)}`,
  );
} finally {
  await lab.down();
  rmSync(folder, { recursive: true, force: true });
}
