import { readFile } from 'node:fs/promises';
import { text as readAll } from 'node:stream/consumers';
import { decodeJoinToken, type JoinTokenContent } from '@muster/api/agent';
import { AgentError, messageOf } from '../agent-error.ts';
import { readConfig } from '../config/config.ts';
import { enrol } from '../enrol/enrol.ts';
import { type NotStarted, startServices } from '../enrol/start-services.ts';
import { makeKeyAndCsr } from '../make-key-and-csr.ts';
import { createRunner } from '../run-program.ts';
import { IdentityStore } from '../state/identity-store.ts';
import { defaultStateDir, readNodeRecord } from '../state/node-record.ts';
import { parseOptions, type Options } from './options.ts';
import { splitStartServices, unitsToStart } from './start-services-option.ts';

/** `muster-agent enroll`: gives back what to print. */
export async function enrollCommand(args: readonly string[]): Promise<string> {
  const { rest, units } = splitStartServices(args);
  const options = parseOptions('enroll', rest, ['token', 'token-file', 'server', 'state-dir', 'config', 'force']);
  const stateDir = options.text('state-dir') ?? defaultStateDir;
  const force = options.flag('force');
  // Whatever can be wrong on this machine is told before the token, which serves once, is read.
  const waiting = units === undefined ? [] : unitsToStart(units, await readConfig(options.text('config')));
  if (!force) await refuseSecond(stateDir, waiting);
  const token = await readToken(options);
  const servers = options.texts('server');
  const base = { token, stateDir, force, makeKeyAndCsr };
  const { identity } = await enrol(servers === undefined ? base : { ...base, servers });
  const enrolled = `Enrolled ${token.name} as ${identity.nodeId}, certificate valid until ${new Date(identity.notAfterMs).toISOString()}.`;
  const refused = await startServices(waiting, createRunner());
  if (refused.length > 0) throw notStarted(enrolled, refused);
  return `${enrolled} ${waiting.length === 0 ? 'A running agent uses it after a restart.' : `Started: ${waiting.join(', ')}.`}\n`;
}

/** A machine that has an identity keeps it, and the token stays good for the machine that it was meant for. */
async function refuseSecond(stateDir: string, waiting: readonly string[]): Promise<void> {
  const current = await new IdentityStore(stateDir).current();
  if (current === undefined) return;
  const name = (await readNodeRecord(stateDir))?.nodeName ?? 'NAME';
  const expires = new Date(current.notAfterMs).toISOString();
  const start = waiting.length === 0 ? '' : ` To start what waited for the certificate: systemctl start ${waiting.join(' ')}.`;
  throw new AgentError(
    'failed',
    `This machine is already enrolled as ${name} (${current.nodeId}, certificate valid until ${expires}). Nothing was done and the token was not ` +
      `read.${start} To enrol it again: make a token with "muster node reissue ${name}" on the server, and add --force.`,
  );
}

/** The enrolment stands: who repeats it is refused, so each unit is named with what to do. */
function notStarted(enrolled: string, refused: readonly NotStarted[]): AgentError {
  const each = refused.map(({ unit, reason }) => `${unit}: ${reason.replace(/\.$/u, '')}`).join('; ');
  const byHand = `systemctl start ${refused.map(({ unit }) => unit).join(' ')}`;
  return new AgentError('failed', `${enrolled} That stands, but not every service was started. ${each}. When that is mended: ${byHand}`);
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
