import { text } from 'node:stream/consumers';
import { styleText } from 'node:util';
import {
  type AgentCheck,
  AgentCheckRequest,
  type AgentControl,
  type Client,
  type ControlKeyRotation,
  type ServiceAction,
  type Task,
} from '@muster/api';
import type { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import { finishedOperation, tasksOf } from '../client/finished-operation.ts';
import { serverClient } from '../client/server-client.ts';
import { interruption } from '../interruption.ts';
import { type Format, formatOption, printList, printOne, wholeNumber } from '../output/format.ts';
import { printable } from '../output/printable.ts';
import { type Column, table } from '../output/table.ts';

const actions: readonly { readonly action: ServiceAction; readonly does: string }[] = [
  { action: 'start', does: 'start agents over SSH' },
  { action: 'stop', does: 'stop agents over SSH; nothing starts them again until somebody does' },
  { action: 'restart', does: 'restart agents over SSH' },
];

/** `muster agent ...`: agents as programs on their hosts. */
export function addAgentCommands(program: Command): void {
  const agent = program
    .command('agent')
    .description('start, stop and restart agents over SSH')
    .addHelpText('after', '\nExample:\n  muster agent restart web[1-3]');
  for (const { action, does } of actions) addActionCommand(agent, action, does);
  addAccessCommand(agent);
  addRotateKeyCommand(agent);
  addCheckCommand(agent);
}

const stateColours = { succeeded: 'green', failed: 'red', unknown: 'red', expired: 'yellow', cancelled: 'yellow' } as const;
const shownState = (state: string): string =>
  state in stateColours ? styleText(stateColours[state as keyof typeof stateColours], state, { stream: process.stdout }) : state;

const taskColumns: Column<Task>[] = [
  { title: 'NODE', cell: (task) => task.nodeName },
  { title: 'RESULT', cell: (task) => shownState(task.state) },
  { title: 'MESSAGE', cell: (task) => printable(task.message) },
];
const wideTaskColumns: Column<Task>[] = [
  { title: 'BEGAN', cell: (task) => task.startedAt ?? '-' },
  { title: 'ENDED', cell: (task) => task.finishedAt ?? '-' },
];

type ActionOptions = { output: Format; batch?: number; maxFail?: number };

function addActionCommand(agent: Command, action: ServiceAction, does: string): void {
  agent
    .command(action)
    .argument('<range>', 'nodes, such as web1, rack1 or node[01-20],-node07')
    .description(does)
    .option('--batch <n>', 'so many nodes at a time (default: all at once)', wholeNumber(1, 100_000))
    .option('--max-fail <n>', 'begin no more nodes after more failures than this', wholeNumber(0, 100_000))
    .addOption(formatOption())
    .addHelpText(
      'after',
      `\nExamples:\n  muster agent ${action} web1\n  muster agent ${action} rack1 --batch 5 --max-fail 1\n\nExit status 0 only when it worked on every node.`,
    )
    .action(async (range: string, options: ActionOptions, command: Command) => act(serverClient(command), action, range, options));
}

async function act(client: Client, action: ServiceAction, range: string, { output, batch, maxFail }: ActionOptions): Promise<void> {
  const signal = interruption();
  const limits = { ...(batch === undefined ? {} : { batch }), ...(maxFail === undefined ? {} : { maxFail }) };
  const { id } = await client.startOperation({ body: { spec: { kind: 'agent', action }, range, ...limits } });
  const operation = await finishedOperation(client, id, signal).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  if (operation === undefined) {
    process.stderr.write(`No longer waited for. The operation goes on: ${id}\n`);
    process.exitCode = 130;
    return;
  }
  printList(output, await tasksOf(client, id), taskColumns, wideTaskColumns, (task) => task.nodeName);
  process.exitCode = operation.state === 'succeeded' ? 0 : 1;
}

const accessColumns: Column<AgentControl>[] = [
  { title: 'NODE', cell: (one) => one.nodeName },
  { title: 'PORT', cell: (one) => String(one.port), alignRight: true },
  { title: 'SINCE', cell: (one) => one.since },
  { title: 'REFUSED KEY', cell: (one) => one.refusedKey ?? '-' },
];

const rotationTexts: Readonly<Record<ControlKeyRotation['state'], string>> = {
  announced: 'There is a next key. Bring it to the nodes (muster apply), then run this command again.',
  waiting: 'Nothing was done: these nodes do not take the next key yet. Run muster apply for them, or leave them out (--leave-out).',
  done: 'The next key is the one in use. The one before goes from the nodes with the next muster apply.',
};

const lackingColumns: Column<AgentCheck>[] = [
  { title: 'NODE', cell: (check) => check.nodeName },
  { title: 'WHY', cell: (check) => printable(check.message) },
];

function addRotateKeyCommand(agent: Command): void {
  agent
    .command('rotate-key')
    .description("replace the servers' own SSH key: once to make the next one, again when an apply has brought it to the nodes")
    .option('--leave-out', 'go on also where nodes do not take the next key; the servers cannot log in there before the next apply')
    .addOption(formatOption())
    .addHelpText(
      'after',
      `
Examples:
  muster agent rotate-key
  muster apply -i inventory.ini
  muster agent rotate-key
  muster apply -i inventory.ini

Exit status 1 when nodes do not take the next key and nothing was done.`,
    )
    .action(async ({ leaveOut = false, output }: { leaveOut?: boolean; output: Format }, command: Command) => {
      const rotation = await serverClient(command).rotateControlKey({ body: { leaveOut } });
      const lacking = rotation.lacking.length === 0 ? '' : `\n${table(rotation.lacking, lackingColumns)}`;
      printOne(output, rotation, () =>
        output === 'name' ? `${rotation.state}\n` : `${rotationTexts[rotation.state]}\nKey  ${rotation.fingerprint}\n${lacking}`,
      );
      process.exitCode = rotation.state === 'waiting' ? 1 : 0;
    });
}

function addAccessCommand(agent: Command): void {
  agent
    .command('access')
    .description("the server's own SSH key, and the nodes on which it was installed")
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  muster agent access -o json')
    .action(async ({ output }: { output: Format }, command: Command) => {
      const access = await serverClient(command).listAgentControl({});
      if (output === 'name') printList(output, access.items, accessColumns, [], (one) => one.nodeName);
      else
        printOne(
          output,
          access,
          () =>
            `Key   ${access.publicKey}\n      ${access.fingerprint}\n${access.nextPublicKey === null ? '' : `Next  ${access.nextPublicKey}\n`}User  ${access.user}\n\n${table(access.items, accessColumns)}`,
        );
    });
}

const checkColumns: Column<AgentCheck>[] = [
  { title: 'NODE', cell: (check) => check.nodeName },
  { title: 'SSH', cell: (check) => (check.reached ? 'yes' : shownState('failed')) },
  { title: 'AGENT', cell: (check) => printable(check.byHand === null ? check.message : `${check.message} By hand: ${check.byHand}`) },
];

function addCheckCommand(agent: Command): void {
  agent
    .command('check')
    .argument('<nodes...>', 'names of nodes, or "-": a JSON list of them on standard input')
    .description('log in to nodes with the key of the server and ask how their agents are; changes nothing')
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  muster agent check web1 web2\n\nExit status 0 only when the server could log in to every node.')
    .action(async (names: string[], { output }: { output: Format }, command: Command) => {
      const nodes = names.length === 1 && names[0] === '-' ? readNames(await text(process.stdin)) : names;
      const { items } = await serverClient(command).checkAgentControl({ body: { nodes } });
      printList(output, items, checkColumns, [], (check) => check.nodeName);
      // Whoever reads it as data asks each node; a person looks at the status.
      process.exitCode = output === 'json' || output === 'yaml' || items.every(({ reached }) => reached) ? 0 : 1;
    });
}

function readNames(json: string): string[] {
  try {
    return AgentCheckRequest.shape.nodes.parse(JSON.parse(json));
  } catch (cause) {
    throw new CliError('Standard input is not a JSON list of names.', 2, { cause });
  }
}
