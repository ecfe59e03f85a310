import { AgentError, messageOf } from './agent-error.ts';
import { helpText } from './commands/help.ts';
import { agentVersion } from './version.ts';

/** Where a command prints. */
export type Output = { readonly stdout: (text: string) => void; readonly stderr: (text: string) => void };

type Command = (args: readonly string[], program: string) => Promise<string>;

/** Each command is loaded when it is called: the resting agent must not carry what only enrolment needs. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  run: async () => (await import('./commands/run-command.ts')).runCommand,
  enroll: async () => (await import('./commands/enroll-command.ts')).enrollCommand,
  status: async () => (await import('./commands/status-command.ts')).statusCommand,
  facts: async () => (await import('./commands/facts-command.ts')).factsCommand,
  'environment-work': async () => (await import('./commands/environment-work-command.ts')).environmentWorkCommand,
  'environment-unpack': async () => (await import('./commands/environment-unpack-command.ts')).environmentUnpackCommand,
  'make-csr': async () => (await import('./commands/make-csr-command.ts')).makeCsrCommand,
};

/** Runs one command and gives back the exit status (see `AgentError.exitStatus`). `program` is the file that was started. */
export async function runCommandLine(argv: readonly string[], program: string, output: Output): Promise<number> {
  try {
    output.stdout(await answer(argv, program));
    return 0;
  } catch (error) {
    output.stderr(`muster-agent: ${messageOf(error)}\n`);
    return error instanceof AgentError ? error.exitStatus : 1;
  }
}

async function answer([name, ...args]: readonly string[], program: string): Promise<string> {
  if (name === undefined) throw new AgentError('usage', 'Which command? See muster-agent --help');
  if (name === '--help' || name === '-h' || name === 'help' || args.includes('--help')) return helpText;
  if (name === '--version') return `${agentVersion}\n`;
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (load === undefined)
    throw new AgentError('usage', `There is no command ${JSON.stringify(name.slice(0, 40))}. See muster-agent --help`);
  return (await load())(args, program);
}
