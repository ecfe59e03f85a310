import { execFile, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

/** A real Slurm on this machine, for tests: a controller, and daemons that pose as bigger nodes than the machine is (`config_overrides`). */
export type TestSlurm = {
  readonly configuration: string;
  /** Runs a program of Slurm; what it printed. */
  run(program: string, ...args: string[]): Promise<string>;
  /** Submits a job that sleeps; its number. */
  submit(...options: string[]): Promise<string>;
  /** Starts the daemon of a node. */
  startNode(name: string): void;
  /** Ends the daemon of a node as its machine would: nobody is told. */
  killNode(name: string): Promise<void>;
  /** Stops and continues the controller, as one that hangs. */
  signalController(signal: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL'): void;
  stop(): Promise<void>;
};

const nodes = ['n1', 'n2', 'n3'];

const configurationOf = (folder: string, port: number, more: string): string => `ClusterName=test
SlurmctldHost=localhost(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/none
CredType=cred/none
SlurmctldPort=${port}
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool-%n
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/%n.pid
SlurmctldLogFile=${folder}/slurmctld.log
SlurmdLogFile=${folder}/%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SlurmdParameters=config_overrides
SlurmdTimeout=10
ReturnToService=2
MaxNodeCount=64
GresTypes=gpu
PrivateData=cloud
${more}
${nodes.map((name, at) => `NodeName=${name} NodeHostname=localhost Port=${port + 1 + at} CPUs=4 RealMemory=4000 Gres=gpu:2 Feature=small State=UNKNOWN`).join('\n')}
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
PartitionName=other Nodes=n1 MaxTime=INFINITE State=UP
`;

/** Starts it, with the daemons of all nodes, and waits until they are idle. `more`: further lines of slurm.conf. */
export async function startSlurm(more = 'DefMemPerCPU=100'): Promise<TestSlurm> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-slurm-'));
  const port = randomInt(20_000, 30_000);
  const configuration = join(folder, 'slurm.conf');
  await mkdir(join(folder, 'state'));
  await writeFile(configuration, configurationOf(folder, port, more));
  await writeFile(join(folder, 'gres.conf'), 'Name=gpu File=/dev/null\nName=gpu File=/dev/zero\n');
  const env = { ...process.env, SLURM_CONF: configuration };
  const run = async (program: string, ...args: string[]) => (await promisify(execFile)(program, args, { env, cwd: folder })).stdout;
  const controller = spawn('slurmctld', ['-D', '-c'], { env, stdio: 'ignore' });
  const startNode = (name: string) => void spawn('slurmd', ['-N', name], { env, stdio: 'ignore' });
  const pidOf = async (name: string) => Number((await readFile(join(folder, `${name}.pid`), 'utf8').catch(() => '')).trim());
  for (const name of nodes) startNode(name);
  const slurm: TestSlurm = {
    configuration,
    run,
    submit: async (...options) => (await run('sbatch', '--parsable', ...options, '--wrap', 'sleep 300')).trim(),
    startNode,
    killNode: async (name) => end(await pidOf(name), 'SIGKILL'),
    signalController: (signal) => void controller.kill(signal),
    stop: async () => {
      controller.kill('SIGCONT');
      await run('scancel', '-u', 'root').catch(() => undefined);
      for (const name of nodes) end(await pidOf(name), 'SIGTERM');
      controller.kill('SIGKILL');
      await endSteps(folder);
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  try {
    await idle(slurm);
  } catch (error) {
    await slurm.stop();
    throw error;
  }
  return slurm;
}

async function idle({ run }: TestSlurm): Promise<void> {
  const endMs = performance.now() + 30_000;
  for (;;) {
    const said = await run('sinfo', '-h', '-N', '-p', 'main', '-o', '%t').catch(() => '');
    if (
      said
        .trim()
        .split('\n')
        .every((state) => state === 'idle')
    )
      return;
    if (performance.now() > endMs) throw new Error(`the nodes of the test's Slurm are ${said}`);
    await sleep(200);
  }
}

function end(pid: number, signal: NodeJS.Signals): void {
  if (pid > 1) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended.
    }
  }
}

/** What runs for a job outlives the daemons: it is known by the folder it was started with. */
async function endSteps(folder: string): Promise<void> {
  await promisify(execFile)('pkill', ['-KILL', '-f', folder]).catch(() => undefined);
}
