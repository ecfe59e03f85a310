import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { clusterOf } from '@muster/provision';
import type { Command } from 'commander';
import { CliError } from '../../cli-error.ts';
import { addSshOptions, type SshOptions } from '../../ssh/ssh-options.ts';
import { inventoryOf } from '../../ssh/inventory-options.ts';
import { requireYes } from '../../ssh/require-yes.ts';
import { runApply } from '../apply.ts';
import { withHostsIn } from './group-lines.ts';

type InitOptions = SshOptions & { witness?: string[]; yes?: boolean; dryRun?: boolean };
type AddOptions = SshOptions & { witness?: boolean; yes?: boolean; dryRun?: boolean };

/** Which hosts are to be in which group from now on. */
type Wanted = Readonly<Record<'management' | 'witness', readonly string[]>>;

const others = (host: string, before: string[] | undefined): string[] => [...(before ?? []), ...host.split(',')];

/** `muster pool init` and `muster pool add`: the groups of the inventory, and then `muster apply`. */
export function addGrowCommands(pool: Command): void {
  addCommon(pool.command('init').argument('<hosts...>', 'full members: server and database'))
    .description('make a pool of hosts of an inventory: name them in [management] and [witness], and run "muster apply"')
    .option('--witness <hosts>', 'a host that only votes; with commas, or repeated', others)
    .addHelpText(
      'after',
      `
Two full members and a witness are the smallest pool that survives a loss. A server that runs already goes along with all it has.

Examples:
  muster pool init -i inventory.ini m1 m2 --witness w1 --dry-run
  muster pool init -i inventory.ini m1 m2 m3 --yes`,
    )
    .action(async (hosts: string[], options: InitOptions) => {
      await grow({ management: hosts, witness: options.witness ?? [] }, options, (inventory) => {
        const named = [...inventory.hostsInGroup('management'), ...inventory.hostsInGroup('witness')];
        if (named.length > 0)
          throw new CliError(`The inventory names a pool already: ${named.join(', ')}. To make it larger: muster pool add.`, 2);
      });
    });
  addCommon(pool.command('add').argument('<hosts...>', 'hosts of the inventory'))
    .description('take hosts of an inventory into its pool: name them in [management], and run "muster apply"')
    .option('--witness', 'they only vote')
    .addHelpText(
      'after',
      `
The number of voters stays odd: add two at a time, or one in place of another.

Examples:
  muster pool add -i inventory.ini m3 w2 --dry-run
  muster pool add -i inventory.ini w2 w3 --witness`,
    )
    .action(async (hosts: string[], options: AddOptions) => {
      const isWitness = options.witness === true;
      await grow({ management: isWitness ? [] : hosts, witness: isWitness ? hosts : [] }, options, (inventory) => {
        if (inventory.hostsInGroup('management').length === 0)
          throw new CliError('The inventory has no group [management], so there is no pool to add to. To make one: muster pool init.', 2);
      });
    });
}

const addCommon = (command: Command): Command =>
  addSshOptions(command)
    .option('-n, --dry-run', 'say what would be written into the inventory, and change nothing')
    .option('--yes', 'do not ask before');

type ReadInventory = Awaited<ReturnType<typeof inventoryOf>>;

async function grow(
  wanted: Wanted,
  { dryRun, yes, ...options }: InitOptions | AddOptions,
  requireFit: (inventory: ReadInventory) => void,
): Promise<void> {
  const inventory = await inventoryOf(options);
  requireFit(inventory);
  requireKnown(wanted, inventory);
  const path = fileToChange(options.inventory, wanted);
  const before = readFileSync(path, 'utf8');
  const after = withHostsIn(withHostsIn(before, 'management', wanted.management), 'witness', wanted.witness);
  const added = (['management', 'witness'] as const).filter((group) => wanted[group].length > 0);
  process.stdout.write(added.map((group) => `${path}: [${group}] gets ${wanted[group].join(', ')}\n`).join(''));
  // What makes no pool is refused before anything is written.
  clusterOf(await inventoryOf(options, new Map([[path, after]])));
  if (dryRun === true) return;
  if (yes !== true) await requireYes('Write that, and run "muster apply" with it?', 'Nothing was changed.');
  write(path, after);
  await runApply({ ...options, output: 'text', skipCheck: [], keep: true });
}

/** @throws CliError with the names that the inventory does not have, or has in the pool already */
function requireKnown({ management, witness }: Wanted, inventory: ReadInventory): void {
  const names = [...management, ...witness];
  const unknown = names.filter((name) => !inventory.hosts.includes(name));
  if (unknown.length > 0)
    throw new CliError(
      `The inventory has no ${unknown.join(', ')}. Give each a line there first, with how it is reached: ${unknown[0]} ansible_host=ADDRESS ansible_user=USER`,
      2,
    );
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new CliError(`${twice} is named twice: a host is a full member or a witness, once.`, 2);
  const there = names.filter((name) => [...inventory.hostsInGroup('management'), ...inventory.hostsInGroup('witness')].includes(name));
  if (there.length > 0) throw new CliError(`In the pool already: ${there.join(', ')}. Leave them out.`, 2);
}

const programBit = 0o111;

/** The one file in the language of INI that can be changed. @throws CliError with the lines to add by hand */
function fileToChange(sources: readonly string[], { management, witness }: Wanted): string {
  const [path = ''] = sources;
  const state = statSync(path, { throwIfNoEntry: false });
  const isOwn = sources.length === 1 && state?.isFile() === true && (state.mode & programBit) === 0 && !/\.(?:ya?ml|json)$/iu.test(path);
  if (isOwn) return path;
  const sections = Object.entries({ management, witness }).filter(([, hosts]) => hosts.length > 0);
  throw new CliError(
    `Only an inventory that is one INI file is changed by this command. Add by hand, then run "muster apply": ${sections.map(([group, hosts]) => `to the group ${group}: ${hosts.join(', ')}`).join('; ')}.`,
    2,
  );
}

/** In one step, with the rights that the file had. */
function write(path: string, text: string): void {
  const beside = `${path}.new-${process.pid}`;
  writeFileSync(beside, text, { mode: statSync(path).mode & 0o777 });
  renameSync(beside, path);
}
