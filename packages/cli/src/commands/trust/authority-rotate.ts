import { type AuthorityStatus, type Client, ProblemError, type RotationPhase, type RotationStep } from '@muster/api';
import { Argument, type Command } from 'commander';
import { CliError } from '../../cli-error.ts';
import { serverClient } from '../../client/server-client.ts';
import { type Format, formatOption, printOne } from '../../output/format.ts';
import { collect } from '../../output/options.ts';
import { printable } from '../../output/printable.ts';
import { requireYes } from '../../ssh/require-yes.ts';
import { describeAuthority } from './describe-authority.ts';

/** What is asked for by each word, and in which phase: without `in` the server decides alone. */
const steps: Readonly<Record<string, { readonly step: RotationStep; readonly in?: RotationPhase; readonly before?: string }>> = {
  prepare: { step: 'begin' },
  agents: { step: 'next', in: 'prepare', before: 'prepare' },
  servers: { step: 'next', in: 'agents', before: 'agents' },
  finish: { step: 'finish' },
  'roll-back': { step: 'rollback' },
};

type Options = { leaveBehind: string[]; yes?: boolean; output: Format };

/** `muster authority rotate STEP`. */
export function addRotateCommand(authority: Command): void {
  authority
    .command('rotate')
    .addArgument(new Argument('<step>', 'what to do now').choices(Object.keys(steps)))
    .description('replace the certificate authority, step by step; both are trusted until the end')
    .option('--leave-behind <name>', 'node or server that is not waited for: in the end it has to enrol again; repeatable', collect, [])
    .option('--yes', 'do not ask before the last step, or before somebody is left behind')
    .addOption(formatOption())
    .addHelpText(
      'after',
      `
Steps, each refused with the names while somebody is behind:
  prepare    a new authority is made, and everyone learns to trust both
  agents     nodes get certificates of the new one
  servers    servers show certificates of the new one
  finish     the old one is dropped, for good: what it signed is revoked
  roll-back  from any phase before the end: all goes back to the old one; then finish drops the new one

Examples:
  muster authority rotate prepare
  muster authority status
  muster authority rotate agents --leave-behind node07
  muster authority rotate finish --yes`,
    )
    .action(async (word: string, { leaveBehind, yes, output }: Options, command: Command) => {
      const client = serverClient(command);
      if (yes !== true && (word === 'finish' || leaveBehind.length > 0)) await confirm(client, word, leaveBehind);
      const status = await takeStep(client, word, leaveBehind);
      printOne(output, status, () => (output === 'name' ? `${status.rotation?.phase ?? 'none'}\n` : describeAuthority(status)));
    });
}

async function confirm(client: Client, word: string, leaveBehind: readonly string[]): Promise<void> {
  const { rotation } = await client.getAuthority({});
  const dropped = rotation?.phase === 'rollback' ? rotation.to : rotation?.from;
  const ends =
    word === 'finish' && dropped !== undefined ? `Drop authority ${dropped} for good, and revoke what it signed` : `Go on with ${word}`;
  const left = leaveBehind.length === 0 ? '' : ` and leave behind ${leaveBehind.map(printable).join(', ')}`;
  await requireYes(`${ends}${left}?`, 'Nothing was changed.');
}

/** The word names where it leads, so a step that somebody else took already is not taken twice. */
async function takeStep(client: Client, word: string, leaveBehind: readonly string[]): Promise<AuthorityStatus> {
  const { step, in: wanted, before } = steps[word] ?? { step: 'begin' };
  if (wanted !== undefined) {
    const status = await client.getAuthority({});
    const phase = status.rotation?.phase;
    if (phase === word) return status;
    if (phase !== wanted)
      throw new CliError(
        `The phase is ${phase ?? 'none: no replacement is under way'}. Before "rotate ${word}" comes "muster authority rotate ${before}".`,
      );
  }
  try {
    return await client.stepAuthority({ body: { step, leaveBehind: [...leaveBehind] } });
  } catch (error) {
    throw error instanceof ProblemError && error.problem.code === 'authority-step' ? explained(error) : error;
  }
}

/** With what each one lacks; the words of the interface become those of the command. */
function explained(error: ProblemError): CliError {
  const { detail, errors = [] } = error.problem;
  const lacking = errors.map(({ path, message }) => `\n  ${path}: ${message}`).join('');
  return new CliError(
    `${detail}${lacking}\nThe steps are ${Object.keys(steps).join(', ')}; "muster authority status" says which is next.`,
    1,
    {
      cause: error,
    },
  );
}
