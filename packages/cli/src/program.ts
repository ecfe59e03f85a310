import { Command } from 'commander';
import { version } from './version.ts';

type Add = (program: Command) => void;

/** Where each command is, in the order of the help. Only what a command line asks for is loaded: the whole takes longer than many a command. */
const commands: ReadonlyMap<string, () => Promise<Add>> = new Map([
  ['up', async () => (await import('./commands/server/up.ts')).addUpCommand],
  ['doctor', async () => (await import('./commands/doctor/doctor.ts')).addDoctorCommand],
  ['ping', async () => (await import('./commands/ping.ts')).addPingCommand],
  ['apply', async () => (await import('./commands/apply.ts')).addApplyCommand],
  ['reset', async () => (await import('./commands/reset.ts')).addResetCommand],
  ['copy', async () => (await import('./commands/copy.ts')).addCopyCommand],
  ['nodes', async () => (await import('./commands/nodes.ts')).addNodesCommand],
  ['node', async () => (await import('./commands/node.ts')).addNodeCommands],
  ['services', async () => (await import('./commands/services.ts')).addServicesCommand],
  ['service', async () => (await import('./commands/service.ts')).addServiceCommands],
  ['exec', async () => (await import('./commands/exec.ts')).addExecCommand],
  ['console', async () => (await import('./commands/consoles/console.ts')).addConsoleCommand],
  ['operations', async () => (await import('./commands/operations.ts')).addOperationsCommand],
  ['operation', async () => (await import('./commands/operation.ts')).addOperationCommands],
  ['agent', async () => (await import('./commands/agent.ts')).addAgentCommands],
  ['logs', async () => (await import('./commands/logs.ts')).addLogsCommand],
  ['env', async () => (await import('./commands/environments/env.ts')).addEnvironmentCommands],
  ['artifact', async () => (await import('./commands/environments/artifact.ts')).addArtifactCommands],
  ['range', async () => (await import('./commands/range.ts')).addRangeCommands],
  ['inventory', async () => (await import('./commands/inventory/inventory.ts')).addInventoryCommand],
  ['host', async () => (await import('./commands/host/host-prepare.ts')).addHostCommands],
  ['artifacts', async () => (await import('./commands/artifacts/artifacts.ts')).addArtifactsCommands],
  ['kubeconfig', async () => (await import('./commands/kubeconfig.ts')).addKubeconfigCommand],
  ['runs', async () => (await import('./commands/runs.ts')).addRunsCommand],
  ['view', async () => (await import('./commands/view.ts')).addViewCommands],
  ['certificates', async () => (await import('./commands/trust/certificates.ts')).addCertificatesCommand],
  ['certificate', async () => (await import('./commands/trust/certificate.ts')).addCertificateCommands],
  ['authority', async () => (await import('./commands/trust/authority.ts')).addAuthorityCommands],
  ['events', async () => (await import('./commands/events.ts')).addEventsCommand],
  ['webhook', async () => (await import('./commands/notifications/webhook.ts')).addWebhookCommands],
  ['subscription', async () => (await import('./commands/notifications/subscription.ts')).addSubscriptionCommands],
  ['pool', async () => (await import('./commands/pool/pool.ts')).addPoolCommands],
  ['status', async () => (await import('./commands/status.ts')).addStatusCommand],
  ['sign-in-link', async () => (await import('./commands/sign-in-link.ts')).addSignInLinkCommand],
  ['backup', async () => (await import('./commands/backup.ts')).addBackupCommand],
  ['move-database', async () => (await import('./commands/server/move-database.ts')).addMoveDatabaseCommand],
  ['check-database', async () => (await import('./commands/server/check-database.ts')).addCheckDatabaseCommand],
  ['restore', async () => (await import('./commands/server/restore.ts')).addRestoreCommand],
  ['config', async () => (await import('./commands/server/config.ts')).addConfigCommand],
  ['login', async () => (await import('./commands/people/login.ts')).addLoginCommand],
  ['logout', async () => (await import('./commands/people/logout.ts')).addLogoutCommand],
  ['whoami', async () => (await import('./commands/people/whoami.ts')).addWhoamiCommand],
  ['context', async () => (await import('./commands/people/context.ts')).addContextCommands],
  ['people', async () => (await import('./commands/people/people.ts')).addPeopleCommands],
  ['key', async () => (await import('./commands/people/key.ts')).addKeyCommands],
  ['audit', async () => (await import('./commands/people/audit.ts')).addAuditCommand],
  ['completion', async () => (await import('./commands/completion.ts')).addCompletionCommands],
]);

/** The muster command with all its sub-commands. */
export async function makeProgram(): Promise<Command> {
  return await programOf([...commands.values()]);
}

/** The muster command with what a command line needs of it: one sub-command, or all where it names none. */
export async function programFor(argv: readonly string[]): Promise<Command> {
  const load = commands.get(commandIn(argv) ?? '');
  // What completes command lines has to know all of them.
  return load === undefined || argv.includes('__complete') ? await makeProgram() : await programOf([load]);
}

const valued = new Set(['--socket', '--context']);

/** The first word that is neither an option of the program nor its value. */
function commandIn(argv: readonly string[]): string | undefined {
  return argv.find((word, at) => !word.startsWith('-') && !valued.has(argv[at - 1] ?? ''));
}

async function programOf(loads: readonly (() => Promise<Add>)[]): Promise<Command> {
  const program = new Command('muster')
    .description('One program for the whole life of a cluster machine.')
    .version(version)
    .option('--socket <path>', 'Unix socket of the server on this machine (default: found by itself)')
    .option('--context <name>', 'server to speak to, of those signed in to with "muster login" (default: the one in use)')
    .showHelpAfterError('(add --help for the options and examples)')
    .showSuggestionAfterError()
    .exitOverride();
  program.addHelpText(
    'after',
    `
Examples:
  muster up --demo 3                    a server and three agents on this machine
  muster ping -i inventory.ini          can every host be reached and logged in to?
  muster apply -i inventory.ini         make a cluster of the hosts of the inventory
  muster nodes                          how the nodes fare
  muster service restart slurmd all     one service on every node`,
  );
  for (const add of await Promise.all(loads.map((load) => load()))) add(program);
  inheritSettings(program);
  return program;
}

/** Sub-commands take over how errors of the command line end, which commander does not do for commands made by `command()` before. */
function inheritSettings(command: Command): void {
  for (const child of command.commands) {
    child.copyInheritedSettings(command);
    inheritSettings(child);
  }
}
