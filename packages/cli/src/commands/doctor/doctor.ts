import { styleText } from 'node:util';
import { type Check, clusterHosts, judgeProvisioner, ping } from '@muster/provision';
import { type Command, Option } from 'commander';
import { interruption } from '../../interruption.ts';
import { oneLine } from '../../output/printable.ts';
import { makeConnector } from '../../ssh/connector.ts';
import { addInventoryOptionsIfAny, inventoryOf, type InventoryOptions } from '../../ssh/inventory-options.ts';
import { addLoginOptions, type LoginOptions } from '../../ssh/ssh-options.ts';
import { lookAtProvisioner } from './look-at-provisioner.ts';

type Options = Omit<InventoryOptions, 'inventory'> & LoginOptions & { inventory?: string[]; output: 'text' | 'json' };

/** `muster doctor`: is this machine fit to provision from, and are the hosts in reach? */
export function addDoctorCommand(program: Command): void {
  addLoginOptions(
    addInventoryOptionsIfAny(
      program.command('doctor').description('check this machine before provisioning from it, and with -i the reach of each host'),
    ),
  )
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      `
Examples:
  muster doctor
  muster doctor -i inventory.ini
  muster doctor -i inventory.ini -o json

Nothing is changed. Exit status 1 when something will not work; warnings alone end with 0.`,
    )
    .action(doctor);
}

async function doctor(options: Options): Promise<void> {
  const signal = interruption();
  const checks = [...judgeProvisioner(await lookAtProvisioner()), ...(await reach(options, signal))];
  if (options.output === 'json') process.stdout.write(`${JSON.stringify(checks, null, 2)}\n`);
  else for (const check of checks) process.stdout.write(line(check, Math.max(...checks.map(({ name }) => name.length))));
  process.exitCode = signal.aborted ? 130 : checks.some(({ state }) => state === 'failed') ? 1 : 0;
}

/** Whether each host of the inventory lets us in, one check each. */
async function reach({ inventory, ...options }: Options, signal: AbortSignal): Promise<Check[]> {
  if (inventory === undefined) return [];
  const hosts = clusterHosts(await inventoryOf({ ...options, inventory }));
  const pongs = await ping(hosts, { forks: options.forks, connect: makeConnector(options, signal), signal, sudo: true });
  return pongs.map(({ host, ok, failure }) => ({
    name: host,
    state: ok ? 'ok' : 'failed',
    message: ok ? 'logged in, and root with sudo' : oneLine(failure?.message ?? ''),
  }));
}

const looks = { ok: ['green', 'ok     '], warning: ['yellow', 'warning'], failed: ['red', 'FAILED '] } as const;

function line({ name, state, message }: Check, width: number): string {
  const [color, word] = looks[state];
  return `${styleText(color, word, { stream: process.stdout })} ${name.padEnd(width)}  ${message}\n`;
}
