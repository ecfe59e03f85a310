import { type Inventory, readInventory } from '@muster/core';
import { clusterHosts, inventoryText, survey } from '@muster/provision';
import { type Command, Option } from 'commander';
import { CliError } from '../../cli-error.ts';
import { interruption } from '../../interruption.ts';
import { openNewFile } from '../../output/new-file.ts';
import { oneLine } from '../../output/printable.ts';
import { makeConnector } from '../../ssh/connector.ts';
import { addLoginOptions, type LoginOptions } from '../../ssh/ssh-options.ts';

type Options = LoginOptions & { driver?: string; out?: string };

/** `muster inventory init`: the lines of an inventory for hosts that are there, found by looking at them. */
export function addInventoryInitCommand(inventory: Command): void {
  addLoginOptions(
    inventory
      .command('init')
      .description('log in to hosts, look at them, and write an inventory of them')
      .argument('<host...>', 'names or addresses, with ranges as in an inventory: rack[01:20], 10.0.0.[5:9], web1:2222'),
  )
    .option('--driver <host>', 'which of them is to run the management server (default: the first)')
    .addOption(new Option('--out <file>', 'a new file to write (default: standard output)'))
    .addHelpText(
      'after',
      `
Found by looking: the host's name, the interface of the network it is reached by (my_iface), NVIDIA devices (has_gpu). Nothing is changed there.

Examples:
  muster inventory init 10.0.0.10 10.0.0.[21:36] --user vagrant --accept-new --out inventory.ini
  muster inventory init web[1:3] --driver web2

Exit status 1 and no inventory when one of the hosts could not be looked at.`,
    )
    .action(init);
}

async function init(given: readonly string[], options: Options): Promise<void> {
  const hosts = clusterHosts(inventoryOfWords(given));
  if (hosts.length === 0) throw new CliError(`${given.join(' ')} names no host: a range that runs backwards is empty.`, 2);
  const signal = interruption();
  const { found, failures } = await survey(hosts, {
    forks: options.forks,
    connect: makeConnector(options, signal),
    signal,
    nowMs: () => Date.now(),
  });
  if (failures.length > 0) {
    for (const { host, message } of failures) process.stderr.write(`FAILED ${host}  ${oneLine(message)}\n`);
    throw new CliError(`${failures.length} of ${hosts.length} hosts could not be looked at, so nothing was written.`);
  }
  const text = inventoryText(hosts, found, { user: options.user, privateKeyFile: options.privateKey }, options.driver);
  if (options.out === undefined) return void process.stdout.write(text);
  const file = await openNewFile(options.out, 'Nothing was written.');
  await file.writeFile(text);
  await file.close();
  process.stderr.write(`${options.out}: ${found.length} hosts. Next: muster ping -i ${options.out}\n`);
}

/** Each word is a line of an inventory, so that ranges and ports are written as there. @throws InventoryError */
function inventoryOfWords(words: readonly string[]): Inventory {
  const odd = words.find((word) => /[\s=#;]/u.test(word) || word === '');
  if (odd !== undefined) throw new CliError(`"${odd}" is no host: give names or addresses, such as web1, 10.0.0.[5:9] or web1:2222.`, 2);
  return readInventory(['hosts'], { read: (path) => (path === 'hosts' ? words.join('\n') : undefined), list: () => undefined });
}
