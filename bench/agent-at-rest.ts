import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openLab } from '@muster/lab';

/* Memory and CPU of an agent at rest under its shipped unit, beside an idle Node. Usage: node bench/agent-at-rest.ts [SECONDS] */

const seconds = Number(process.argv[2] ?? 120);
const root = join(import.meta.dirname, '..');
const lab = openLab({ name: `bench-${process.pid}` });
const host = 'node2';

async function on(script: string): Promise<string> {
  const { code, stdout, stderr } = await lab.run(host, ['sh', '-s'], { input: script });
  if (code !== 0) throw new Error(`${script}: ${stderr}`);
  return stdout.trim();
}

const rssBytes = async (pid: string): Promise<number> =>
  Number(await on(`sed -n 's/^VmRSS:[^0-9]*\\([0-9]*\\) kB$/\\1/p' /proc/${pid}/status`)) * 1024;

/** CPU time of a process and of the children it has waited for, seconds: fields 14 to 17 of /proc/PID/stat, in ticks of 10 ms. */
async function cpuSeconds(pid: string): Promise<{ own: number; withChildren: number }> {
  const fields = (await on(`cat /proc/${pid}/stat`))
    .replace(/^.*\) /u, '')
    .split(' ')
    .map(Number);
  const [user = 0, system = 0, childUser = 0, childSystem = 0] = fields.slice(11, 15);
  return { own: (user + system) / 100, withChildren: (user + system + childUser + childSystem) / 100 };
}

try {
  await lab.down();
  await lab.up(2);
  const argv = [join(root, 'bin', 'muster'), 'apply', '-i', lab.inventoryPath, '--known-hosts', lab.knownHostsPath];
  const applied = await lab.exec(argv, { cwd: root, timeoutSeconds: 300 });
  if (applied.code !== 0) throw new Error(applied.stdout + applied.stderr);
  const agent = await on('systemctl show -p MainPID --value muster-agent');
  await on(
    "cp /opt/muster-agent/runtime/node /run/idle-node && systemd-run --unit idle-node --quiet /run/idle-node -e 'setInterval(() => {}, 10000)'",
  );
  const idle = await on('systemctl show -p MainPID --value idle-node');
  await sleep(30_000);
  const before = await cpuSeconds(agent);
  const startedMs = performance.now();
  await sleep(seconds * 1000);
  const after = await cpuSeconds(agent);
  const passed = (performance.now() - startedMs) / 1000;
  const [agentBytes, idleBytes] = [await rssBytes(agent), await rssBytes(idle)];
  const share = (end: number, start: number) => `${(((end - start) / passed) * 100).toFixed(2)} %`;
  process.stdout.write(`agent at rest over ${Math.round(passed)} s under muster-agent.service\n`);
  process.stdout.write(
    `  memory  ${(agentBytes / 1e6).toFixed(1)} MB resident; an idle Node of the same build ${(idleBytes / 1e6).toFixed(1)} MB; ratio ${(agentBytes / idleBytes).toFixed(2)}\n`,
  );
  process.stdout.write(
    `  CPU     ${share(after.own, before.own)} of a core; ${share(after.withChildren, before.withChildren)} with the systemctl it starts\n`,
  );
} finally {
  await lab.down();
}
