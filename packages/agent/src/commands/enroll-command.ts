import { readFile } from 'node:fs/promises';
import { text as readAll } from 'node:stream/consumers';
import { decodeJoinToken, type JoinTokenContent } from '@muster/api/agent';
import { AgentError, messageOf } from '../agent-error.ts';
import { enrol } from '../enrol/enrol.ts';
import { makeKeyAndCsr } from '../make-key-and-csr.ts';
import { defaultStateDir } from '../state/node-record.ts';
import { parseOptions, type Options } from './options.ts';

/** `muster-agent enroll`: gives back what to print. */
export async function enrollCommand(args: readonly string[]): Promise<string> {
  const options = parseOptions('enroll', args, ['token', 'token-file', 'server', 'state-dir', 'force']);
  const token = await readToken(options);
  const stateDir = options.text('state-dir') ?? defaultStateDir;
  const servers = options.texts('server');
  const base = { token, stateDir, force: options.flag('force'), makeKeyAndCsr };
  const { identity, already } = await enrol(servers === undefined ? base : { ...base, servers });
  const expires = new Date(identity.notAfterMs).toISOString();
  if (already)
    return `This node is already enrolled as ${identity.nodeId} (certificate valid until ${expires}). --force enrols it again.\n`;
  return `Enrolled ${token.name} as ${identity.nodeId}, certificate valid until ${expires}. A running agent uses it after a restart.\n`;
}

async function readToken(options: Options): Promise<JoinTokenContent> {
  const given = options.text('token');
  const file = options.text('token-file');
  if ((given === undefined) === (file === undefined))
    throw new AgentError('usage', 'muster-agent enroll needs either --token-file or --token');
  const text = given ?? (await readTokenFile(file ?? '-'));
  const token = decodeJoinToken(text.trim());
  if (token === undefined)
    throw new AgentError('usage', 'This is not a join token, or it is damaged. Copy the whole word that begins with "muster1."');
  return token;
}

async function readTokenFile(file: string): Promise<string> {
  try {
    return file === '-' ? await readAll(process.stdin) : await readFile(file, 'utf8');
  } catch (error) {
    throw new AgentError('usage', `Cannot read the token from ${file}: ${messageOf(error)}`, error);
  }
}
