import { readFileSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { styleText } from 'node:util';
import { type ClusterHost, clusterHosts, type Given, giveAccess } from '@muster/provision';
import { type Command, Option } from 'commander';
import { CliError } from '../../cli-error.ts';
import { interruption } from '../../interruption.ts';
import { oneLine } from '../../output/printable.ts';
import { rangeOf } from '../../range/range-here.ts';
import { askSecret, canAsk } from '../../ssh/ask.ts';
import { makeConnector } from '../../ssh/connector.ts';
import { inventoryOf } from '../../ssh/inventory-options.ts';
import { addSshOptions, type SshOptions } from '../../ssh/ssh-options.ts';
import { findPublicKey } from './public-key.ts';

type Options = SshOptions & {
  output: 'text' | 'json';
  askPass?: boolean;
  passwordFile?: string;
  as?: string;
  publicKey?: string;
  limit?: string;
  dryRun?: boolean;
};

/** `muster host prepare`: from hosts that have only a password to hosts that `apply` can log in to. */
export function addHostCommands(program: Command): void {
  const host = program.command('host').description('hosts before they are nodes');
  addSshOptions(
    host
      .command('prepare')
      .description('make the account, key and sudoers file that "muster apply" needs, on hosts that have only a password'),
  )
    .option('-k, --ask-pass', 'ask for the password to log in with now, once for all hosts; also used for sudo unless -K is given')
    .option('--password-file <file>', 'read that password from the first line of a file; - is standard input')
    .option('--as <name>', 'account to log in as now, such as root (default: the one to be made)')
    .option('--public-key <file>', 'the key to let in (default: that of the private key, else of ~/.ssh/id_*.pub)')
    .option('-l, --limit <range>', 'only these hosts of the inventory')
    .option('-n, --dry-run', 'say what would be made and change nothing')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      `
The account is the one that the inventory names (ansible_user), else --user, else your own name. Its key is proven by logging in with it.

Examples:
  muster host prepare -i inventory.ini --ask-pass --as root
  muster host prepare -i inventory.ini --password-file first-password --limit rack7
  muster host prepare -i 10.0.0.21,10.0.0.22 -u admin --ask-pass --accept-new

Exit status 0 only when every host can be logged in to with the key and lets the account use sudo.`,
    )
    .action(prepare);
}

async function prepare(options: Options): Promise<void> {
  const inventory = await inventoryOf(options);
  const all = clusterHosts(inventory);
  const names = options.limit === undefined ? undefined : new Set(rangeOf(options.limit, inventory));
  const hosts = all.filter(({ name }) => names?.has(name) ?? true);
  if (hosts.length === 0) throw new CliError(`The inventory ${options.inventory.join(', ')} names no host.`);
  const accesses = new Map(hosts.map((host) => [host.name, { user: userOf(host, options), publicKey: keyOf(host, options) }]));
  const accessOf = ({ name }: ClusterHost) => accesses.get(name) ?? { user: '', publicKey: '' };
  const password = await passwordOf(options);
  const signal = interruption();
  const connect = makeConnector(options, signal);
  const given = await giveAccess(hosts, {
    forks: options.forks,
    dryRun: options.dryRun === true,
    signal,
    accessOf,
    connectNow: (host) => connect(asNow(host, options, password, accessOf(host).user)),
    connectLater: (host) => connect(asLater(host, accessOf(host).user)),
    ...(options.output === 'json' ? {} : { onGiven: printer(hosts, options.dryRun === true) }),
  });
  if (options.output === 'json') process.stdout.write(`${JSON.stringify(given, null, 2)}\n`);
  process.exitCode = signal.aborted ? 130 : given.some(({ failure }) => failure !== undefined) ? 1 : 0;
}

const userOf = ({ connection }: ClusterHost, { user }: Options): string => connection.user ?? user ?? userInfo().username;

function keyOf({ connection }: ClusterHost, { publicKey, privateKey }: Options): string {
  const own = connection.privateKeyFile?.replace(/^~(?=\/|$)/u, homedir()) ?? privateKey;
  return findPublicKey({ ...(publicKey === undefined ? {} : { named: publicKey }), ...(own === undefined ? {} : { privateKey: own }) });
}

/** The host as it is reached now. */
function asNow(host: ClusterHost, { as, askBecomePass }: Options, password: string | undefined, user: string): ClusterHost {
  const { connection } = host;
  const forSudo = connection.becomePassword ?? (askBecomePass === true ? undefined : password);
  const given = {
    ...(password === undefined ? {} : { password }),
    ...(forSudo === undefined ? {} : { becomePassword: forSudo }),
  };
  return { ...host, connection: { ...connection, user: as ?? user, ...given } };
}

/** The host as later runs reach it: with the key and nothing else. */
function asLater(host: ClusterHost, user: string): ClusterHost {
  const { password: _password, becomePassword: _becomePassword, ...connection } = host.connection;
  return { ...host, connection: { ...connection, user } };
}

async function passwordOf({ askPass, passwordFile }: Options): Promise<string | undefined> {
  if (passwordFile !== undefined) {
    try {
      const [first = ''] = readFileSync(passwordFile === '-' ? 0 : passwordFile, 'utf8').split(/\r?\n/u);
      return first;
    } catch (cause) {
      throw new CliError(
        `The password cannot be read from ${passwordFile}: ${cause instanceof Error ? cause.message : String(cause)}.`,
        1,
        {
          cause,
        },
      );
    }
  }
  if (askPass !== true) return undefined;
  if (!canAsk()) throw new CliError('There is no terminal to ask for a password on. Use --password-file FILE.', 2);
  return askSecret('Password to log in with');
}

function printer(hosts: readonly ClusterHost[], dryRun: boolean): (given: Given) => void {
  const stream = process.stdout;
  const width = Math.max(...hosts.map(({ name }) => name.length));
  return ({ host, user, changes, failure }) => {
    const name = host.padEnd(width);
    const would = dryRun ? 'would ' : '';
    const line =
      failure !== undefined
        ? `${styleText('red', 'FAILED ', { stream })} ${name}  ${oneLine(failure.message)}`
        : changes.length === 0
          ? `${styleText('green', 'ok     ', { stream })} ${name}  ${user} logs in with the key and uses sudo`
          : `${styleText('yellow', 'changed', { stream })} ${name}  ${would}${changes.join(', ')}`;
    stream.write(`${line}\n`);
  };
}
