import { parseArgs } from 'node:util';

import { LabError } from './errors.ts';
import { ensureImage } from './image.ts';
import { openLab } from './lab.ts';
import type { Lab } from './lab.ts';
import { lineProgress } from './progress.ts';
import { missingRequirements, requireLabMachine } from './requirements.ts';
import { runForeground } from './run-foreground.ts';
import { showLab, showStatus } from './show.ts';

interface LabCommand {
  usage: string;
  help: string;
  run: (args: string[]) => Promise<number>;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

const progress = lineProgress((line) => process.stderr.write(`${line}\n`));

function usageError(command: string): LabError {
  return new LabError(`usage: npm run lab -- ${commands[command]?.usage ?? ''}`, { kind: 'usage' });
}

/** Options and exactly `count` other arguments of a command; anything else is a usage error. */
function readArguments(
  command: string,
  args: string[],
  count: number,
  options: Record<string, { type: 'string' | 'boolean'; short?: string }> = {},
) {
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    if (positionals.length === count) return { values, positionals };
  } catch (cause) {
    throw new LabError(cause instanceof Error ? cause.message : String(cause), {
      kind: 'usage',
      advice: usageError(command).message,
      cause,
    });
  }
  throw usageError(command);
}

/** A command that does one thing to one host. */
function hostCommand(name: string, help: string, act: (lab: Lab, host: string) => Promise<void>): LabCommand {
  return {
    usage: `${name} HOST`,
    help,
    run: async (args) => {
      const [host = ''] = readArguments(name, args, 1).positionals;
      await act(openLab(), host);
      return 0;
    },
  };
}

/** The arguments of a command to run, with or without a `--` before them. */
function commandWords(args: string[]): string[] {
  return args[0] === '--' ? args.slice(1) : args;
}

async function up(args: string[]): Promise<number> {
  const { values, positionals } = readArguments('up', args, 1, { name: { type: 'string' } });
  const count = Number(positionals[0]);
  const prefix = typeof values['name'] === 'string' ? { prefix: values['name'] } : {};
  const lab = openLab({ ...prefix, progress });
  await lab.up(count);
  print(showLab(lab));
  return 0;
}

async function down(args: string[]): Promise<number> {
  readArguments('down', args, 0);
  await progress('removing the lab', () => openLab().down());
  return 0;
}

async function status(args: string[]): Promise<number> {
  const { values } = readArguments('status', args, 0, { output: { type: 'string', short: 'o' } });
  const format = values['output'];
  if (format !== undefined && format !== 'json') throw usageError('status');
  const seen = await openLab().status();
  print(format === 'json' ? JSON.stringify(seen, null, 2) : showStatus(seen));
  return 0;
}

async function exec(args: string[]): Promise<number> {
  const words = commandWords(args);
  if (words.length === 0) throw usageError('exec');
  return runForeground(openLab().execArgv(words));
}

async function run(args: string[]): Promise<number> {
  const [host, ...rest] = args;
  const words = commandWords(rest);
  if (host === undefined || words.length === 0) throw usageError('run');
  return runForeground(openLab().runArgv(host, words), { cwd: '/' });
}

async function shell(args: string[]): Promise<number> {
  const [host = ''] = readArguments('shell', args, 1).positionals;
  return runForeground(openLab().runArgv(host, ['/bin/bash', '-l']), { cwd: '/' });
}

async function cut(args: string[]): Promise<number> {
  const { values, positionals } = readArguments('cut', args, 1, { silent: { type: 'boolean' } });
  await openLab().cut(positionals[0] ?? '', { silent: values['silent'] === true });
  return 0;
}

async function image(args: string[]): Promise<number> {
  readArguments('image', args, 0);
  await requireLabMachine();
  print((await ensureImage(openLab().settings, progress)).rootDir);
  return 0;
}

async function check(args: string[]): Promise<number> {
  readArguments('check', args, 0);
  const missing = await missingRequirements();
  print(missing.length === 0 ? 'the lab can run here' : `the lab cannot run here: ${missing.join('; ')}`);
  return missing.length === 0 ? 0 : 3;
}

const commands: Record<string, LabCommand> = {
  up: { usage: 'up N [--name PREFIX]', help: 'N hosts that answer on SSH, and their inventory', run: up },
  down: { usage: 'down', help: 'remove every trace of the lab; only the image stays', run: down },
  status: { usage: 'status [-o json]', help: 'what is there', run: status },
  exec: { usage: 'exec COMMAND...', help: "run a command on this machine, inside the lab's network", run: exec },
  run: { usage: 'run HOST -- COMMAND...', help: 'run a command as root inside a host, without SSH', run },
  shell: { usage: 'shell HOST', help: 'a root shell inside a host', run: shell },
  cut: { usage: 'cut HOST [--silent]', help: "unplug a host's network; silent: packets vanish, the carrier stays", run: cut },
  heal: hostCommand('heal', 'plug it in again', (lab, host) => lab.heal(host)),
  reboot: hostCommand('reboot', 'reboot a host in order, wait for its SSH', (lab, host) => lab.reboot(host)),
  kill: hostCommand('kill', 'power off without shutdown', (lab, host) => lab.kill(host)),
  start: hostCommand('start', 'power on, wait for its SSH', (lab, host) => lab.start(host)),
  image: { usage: 'image', help: "only build the hosts' image into the cache", run: image },
  check: { usage: 'check', help: 'can a lab run on this machine? Status 3: no', run: check },
};

function helpText(): string {
  const lines = Object.values(commands).map((command) => `  ${command.usage.padEnd(26)}${command.help}`);
  return [
    'usage: npm run lab -- COMMAND',
    '',
    ...lines,
    '',
    'MUSTER_LAB names the lab (default: muster); labs of different names do not touch each other.',
  ].join('\n');
}

/** Runs one command of the lab and returns its exit status; a LabError says what went wrong. */
export async function runLabCommand(argv: readonly string[]): Promise<number> {
  const [name = 'help', ...args] = argv;
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command !== undefined) return command.run(args);
  if (!['help', '--help', '-h'].includes(name))
    throw new LabError(`no command "${name}"`, { kind: 'usage', advice: 'npm run lab -- help' });
  print(helpText());
  return 0;
}
