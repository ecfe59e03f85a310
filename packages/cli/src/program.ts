import { Command } from 'commander';
import { addAgentCommands } from './commands/agent.ts';
import { addApplyCommand } from './commands/apply.ts';
import { addResetCommand } from './commands/reset.ts';
import { addArtifactsCommands } from './commands/artifacts/artifacts.ts';
import { addArtifactCommands } from './commands/environments/artifact.ts';
import { addEnvironmentCommands } from './commands/environments/env.ts';
import { addBackupCommand } from './commands/backup.ts';
import { addCompletionCommands } from './commands/completion.ts';
import { addConfigCommand } from './commands/server/config.ts';
import { addDoctorCommand } from './commands/doctor/doctor.ts';
import { addEventsCommand } from './commands/events.ts';
import { addExecCommand } from './commands/exec.ts';
import { addNodeCommands } from './commands/node.ts';
import { addNodesCommand } from './commands/nodes.ts';
import { addOperationCommands } from './commands/operation.ts';
import { addOperationsCommand } from './commands/operations.ts';
import { addHostCommands } from './commands/host/host-prepare.ts';
import { addInventoryCommand } from './commands/inventory/inventory.ts';
import { addKubeconfigCommand } from './commands/kubeconfig.ts';
import { addLogsCommand } from './commands/logs.ts';
import { addSubscriptionCommands } from './commands/notifications/subscription.ts';
import { addWebhookCommands } from './commands/notifications/webhook.ts';
import { addAuditCommand } from './commands/people/audit.ts';
import { addContextCommands } from './commands/people/context.ts';
import { addKeyCommands } from './commands/people/key.ts';
import { addLoginCommand } from './commands/people/login.ts';
import { addLogoutCommand } from './commands/people/logout.ts';
import { addPeopleCommands } from './commands/people/people.ts';
import { addWhoamiCommand } from './commands/people/whoami.ts';
import { addPingCommand } from './commands/ping.ts';
import { addRangeCommands } from './commands/range.ts';
import { addRunsCommand } from './commands/runs.ts';
import { addServiceCommands } from './commands/service.ts';
import { addServicesCommand } from './commands/services.ts';
import { addSignInLinkCommand } from './commands/sign-in-link.ts';
import { addStatusCommand } from './commands/status.ts';
import { addRestoreCommand } from './commands/server/restore.ts';
import { addAuthorityCommands } from './commands/trust/authority.ts';
import { addCertificateCommands } from './commands/trust/certificate.ts';
import { addCertificatesCommand } from './commands/trust/certificates.ts';
import { addUpCommand } from './commands/server/up.ts';
import { addViewCommands } from './commands/view.ts';
import { version } from './version.ts';

/** The muster command with all its sub-commands. */
export function makeProgram(): Command {
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
  muster ping -i inventory.ini          can every host be reached, logged in to, and used with sudo?
  muster apply -i inventory.ini         make a cluster of the hosts of the inventory
  muster nodes                          how the nodes fare
  muster service restart slurmd all     one service on every node`,
  );
  for (const add of [
    addUpCommand,
    addDoctorCommand,
    addPingCommand,
    addApplyCommand,
    addResetCommand,
    addRunsCommand,
    addNodesCommand,
    addNodeCommands,
    addServicesCommand,
    addServiceCommands,
    addExecCommand,
    addOperationsCommand,
    addOperationCommands,
    addAgentCommands,
    addLogsCommand,
    addEnvironmentCommands,
    addArtifactCommands,
    addArtifactsCommands,
    addRangeCommands,
    addInventoryCommand,
    addHostCommands,
    addArtifactsCommands,
    addKubeconfigCommand,
    addViewCommands,
    addCertificatesCommand,
    addCertificateCommands,
    addAuthorityCommands,
    addEventsCommand,
    addWebhookCommands,
    addSubscriptionCommands,
    addStatusCommand,
    addSignInLinkCommand,
    addBackupCommand,
    addRestoreCommand,
    addConfigCommand,
    addLoginCommand,
    addLogoutCommand,
    addWhoamiCommand,
    addContextCommands,
    addPeopleCommands,
    addKeyCommands,
    addAuditCommand,
    addCompletionCommands,
  ]) {
    add(program);
  }
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
