import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Client } from '@muster/api';
import { ProblemError } from '@muster/api';
import { CliError } from '../../cli-error.ts';

/** One agent of the demonstration: a process of this machine with its own name, key and state, like any other agent. */
export type DemoAgent = { readonly name: string; readonly stateDir: string; readonly process: ChildProcess };

/** Units that every machine with systemd runs. Where there is no systemd the agent says so. */
const watched = ['systemd-journald.service', 'dbus.service'];

/** Enrols the agent through the same door as any other where it has not been, and starts it. Safe to call again after any failure. */
export async function startDemoAgent(
  name: string,
  parts: { client: Client; program: readonly string[]; demoDir: string },
): Promise<DemoAgent> {
  const { client, program, demoDir } = parts;
  const stateDir = join(demoDir, name);
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const configPath = join(stateDir, 'agent-config.json');
  await writeFile(
    configPath,
    JSON.stringify({ watch: watched, hostname: name, environmentsDir: resolve(stateDir, 'environments-root'), buildAsSelf: true }),
  );
  await ensureNode(client, name);
  if (!existsSync(join(stateDir, 'agent.json'))) await enrol(name, stateDir, program, client);
  const child = spawn(process.execPath, [...program, 'run', '--state-dir', stateDir, '--config', configPath], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // Ctrl-C reaches the whole group of a terminal: the agents are stopped in order by us, not by it.
    detached: true,
  });
  const log = createWriteStream(join(demoDir, `${name}.log`), { flags: 'a' });
  child.stdout?.pipe(log);
  child.stderr?.pipe(log);
  return { name, stateDir, process: child };
}

async function ensureNode(client: Client, name: string): Promise<void> {
  try {
    await client.getNode({ params: { node: name } });
  } catch (error) {
    if (!(error instanceof ProblemError) || error.problem.code !== 'not-found') throw error;
    await client.addNode({ body: { name, groups: ['demo'], notes: 'A process of this machine, for demonstration.' } });
  }
}

async function enrol(name: string, stateDir: string, program: readonly string[], client: Client): Promise<void> {
  const { token } = await client.makeJoinToken({ params: { node: name } });
  const child = spawn(process.execPath, [...program, 'enroll', '--token-file', '-', '--state-dir', stateDir], {
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  // On standard input: arguments can be read by everyone on the machine.
  child.stdin.end(`${token}\n`);
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (code !== 0) throw new CliError(`The agent of ${name} could not enrol: ${said.trim() || `exit status ${code}`}`);
}

/** Stops an agent orderly, and by force when it does not end within five seconds. */
export async function stopDemoAgent({ process: child }: DemoAgent): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), 5000);
  await ended;
  clearTimeout(force);
}
