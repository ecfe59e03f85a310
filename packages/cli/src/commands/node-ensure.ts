import { text } from 'node:stream/consumers';
import { AgentControlSet, type Client, Node, ProblemError } from '@muster/api';
import type { Command } from 'commander';
import { z } from 'zod';
import { CliError } from '../cli-error.ts';
import { serverClient } from '../client/server-client.ts';

/* Of `Node` and not of `NodeCreate`, whose defaults would stand for members that a list leaves out. */
const { name, privateIp, publicIp, labels, groups, environments, notes } = Node.shape;
const decided = z.strictObject({ privateIp, publicIp, labels, groups, environments, notes }).partial();
/** How the server reaches the host over SSH: from now on, not any more (`null`), or as before. */
const control = AgentControlSet.nullable().optional();
const Wanted = z.array(
  decided.extend({
    name,
    /** Whether to make a join token. */
    token: z.boolean().default(false),
    /** Whether the machine was made anew: then the token also ends the node's old certificate. */
    reissue: z.boolean().default(false),
    control,
  }),
);
type Wanted = z.infer<typeof Wanted>[number];

/** `muster node ensure -`: what `muster apply` runs on the server; adds and corrects many nodes at once, and makes their tokens. */
export function addEnsureCommand(node: Command): void {
  node
    .command('ensure')
    .argument('<file>', '"-": a JSON list of nodes on standard input')
    .description('add the nodes of a list that are missing, correct those that differ; prints a JSON list')
    .addHelpText('after', '\nExample:\n  echo \'[{"name": "web1", "privateIp": "10.0.0.11", "token": true}]\' | muster node ensure -')
    .action(async (file: string, _options: object, command: Command) => {
      if (file !== '-') throw new CliError('Only "-" (standard input) can be read.', 2);
      const client = serverClient(command);
      const answers = [];
      for (const wanted of readWanted(await text(process.stdin))) answers.push(await ensure(client, wanted));
      process.stdout.write(`${JSON.stringify(answers)}\n`);
    });
}

function readWanted(json: string): Wanted[] {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new CliError('Standard input is not JSON.', 2, { cause });
  }
  const parsed = Wanted.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new CliError(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('\n'), 2);
}

/** What is decided here comes from an inventory, and is shown as such. */
const query = { source: 'inventory' } as const;

async function ensure(
  client: Client,
  { token, reissue, control, ...wanted }: Wanted,
): Promise<{ name: string; id: string; changed: boolean; token?: string }> {
  const before = await find(client, wanted.name);
  const after = before === undefined ? await client.addNode({ body: wanted, query }) : await correct(client, before, wanted);
  if (control !== undefined) await ensureControl(client, after.id, control);
  const answer = { name: after.name, id: after.id, changed: after.revision !== before?.revision };
  const params = { node: after.id };
  if (reissue && before?.registration === 'registered') return { ...answer, token: (await client.reissueNode({ params })).token };
  return token || reissue ? { ...answer, token: (await client.makeJoinToken({ params })).token } : answer;
}

async function ensureControl(client: Client, node: string, control: AgentControlSet | null): Promise<void> {
  if (control === null) await client.removeAgentControl({ params: { node } });
  else await client.setAgentControl({ params: { node }, body: control });
}

async function find(client: Client, name: string): Promise<Node | undefined> {
  try {
    return await client.getNode({ params: { node: name } });
  } catch (error) {
    if (error instanceof ProblemError && error.problem.code === 'not-found') return undefined;
    throw error;
  }
}

/** Members that the list does not name stay what an administrator made them. */
async function correct(client: Client, node: Node, wanted: Omit<Wanted, 'token' | 'reissue' | 'control'>): Promise<Node> {
  const body: Node = { ...node, ...definedOf(wanted) };
  return JSON.stringify(body) === JSON.stringify(node) ? node : client.replaceNode({ params: { node: node.id }, body, query });
}

/** Without the members that are undefined: spread over a node they would take away what it has. */
function definedOf<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}
