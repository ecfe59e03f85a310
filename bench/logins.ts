import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLab } from '@muster/lab';
import { interleaved, processor, ratioTable, unpackRelease } from './contest.ts';
import { opensshConfig } from './openssh-config.ts';

/*
 * Many logins, many at once, by Muster and by OpenSSH with xargs: `node bench/logins.ts [HOSTS] [LOGINS] [AT ONCE] [ROUNDS]`. One login that
 * fails ends it. Tells the largest memory of the muster process, too. Needs python3, which measures that.
 */

const [count, logins, atOnce, rounds] = [50, 1000, 100, 3].map((usual, at) => Number(process.argv[2 + at] ?? usual)) as [
  number,
  number,
  number,
  number,
];
const lab = openLab({ name: `bench-${process.pid}` });
const folder = mkdtempSync(join(tmpdir(), 'muster-bench-'));
const peak =
  'import resource,subprocess,sys; c=subprocess.call(sys.argv[1:]); print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); sys.exit(c)';

try {
  await lab.down();
  await lab.up(count);
  const [config, targets] = [join(folder, 'ssh_config'), join(folder, 'targets')];
  writeFileSync(config, opensshConfig(lab));
  const repeat = Math.ceil(logins / count);
  const names = Array.from({ length: repeat }, () => lab.hosts.map(({ name }) => name)).flat();
  writeFileSync(targets, `${names.join('\n')}\n`);
  const common = ['-i', lab.inventoryPath, '--known-hosts', lab.knownHostsPath, '-f', String(atOnce)];
  const muster = [unpackRelease(folder), 'ping', ...common, '--repeat', String(repeat)];
  const xargs = ['xargs', '-a', targets, '-P', String(atOnce), '-I', '{}', 'ssh', '-n', '-F', config, '{}', 'true'];
  const contenders = [
    { name: `muster ping --repeat ${repeat} -f ${atOnce}`, argv: muster },
    { name: `xargs -P ${atOnce} ssh`, argv: xargs },
  ];
  const results = await interleaved(contenders, rounds, (argv, env) => lab.exec(argv, { env, timeoutSeconds: 600 }));
  const measured = await lab.exec(['python3', '-c', peak, ...muster], { timeoutSeconds: 600 });
  if (measured.code !== 0) throw new Error(measured.stdout + measured.stderr);
  const megabytes = (Number(measured.stdout.trim().split('\n').at(-1)) * 1024) / 1e6;
  process.stdout.write(
    `${names.length} logins over ${count} hosts, ${atOnce} at once, ${rounds} rounds in turn, medians; ${processor()}\n`,
  );
  process.stdout.write(`${ratioTable(results)}no login failed; muster's largest memory ${megabytes.toFixed(0)} MB\n`);
} finally {
  await lab.down();
  rmSync(folder, { recursive: true, force: true });
}
