import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { styleText } from 'node:util';
import { clusterHosts, copy, type Copied } from '@muster/provision';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { CliError } from '../cli-error.ts';
import { interruption } from '../interruption.ts';
import { oneLine } from '../output/printable.ts';
import { rangeOf } from '../range/range-here.ts';
import { makeConnector } from '../ssh/connector.ts';
import { inventoryOf } from '../ssh/inventory-options.ts';
import { addSshOptions, type SshOptions } from '../ssh/ssh-options.ts';

type Options = SshOptions & { limit?: string; owner?: string; mode?: number; dryRun?: boolean; direct?: boolean; output: 'text' | 'json' };

/** `muster copy`: one file to many hosts. */
export function addCopyCommand(program: Command): void {
  addSshOptions(
    program
      .command('copy')
      .argument('<file>', 'a file of this machine')
      .argument('<dest>', 'its absolute path on the hosts; an existing file is replaced as a whole')
      .description('bring a file to the hosts of an inventory as root: verified there, resumed, and given on by hosts that have it'),
  )
    .option('--limit <range>', 'only these hosts of the inventory')
    .option('--owner <user[:group]>', 'whose it is there (default: root of a new file; an existing one is replaced by one of root)')
    .option(
      '--mode <mode>',
      'permission bits, octal (default: as here); without the last 4 (readable by everybody) hosts do not give it on',
      modeOf,
    )
    .option('--direct', 'this machine sends to every host; hosts give nothing to each other')
    .option('-n, --dry-run', 'say what would change and change nothing')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      `
Examples:
  muster copy cuda.run /var/cache/cuda.run -i inventory.ini
  muster copy motd /etc/motd -i inventory.ini --limit 'worker,-web3' --mode 0644 --owner root:root
  muster copy model.bin /data/model.bin -i inventory.ini -n -o json

Exit status 0 only when all hosts have the file. After a failure the same command goes on where it ended.`,
    )
    .action(runCopy);
}

function modeOf(text: string): number {
  if (!/^0?[0-7]{3,4}$/u.test(text)) throw new InvalidArgumentError('must be octal permission bits, such as 0644.');
  return Number.parseInt(text, 8);
}

/** As the file is here: a key stays one. What is not there is told by the copy itself. */
const modeFor = ({ mode }: Options, file: string): number => mode ?? (statSync(file, { throwIfNoEntry: false })?.mode ?? 0o644) & 0o777;

async function runCopy(file: string, path: string, options: Options): Promise<void> {
  if (!path.startsWith('/') || path.endsWith('/')) throw new CliError(`${path} is not an absolute path of a file on the hosts.`, 2);
  const inventory = await inventoryOf(options);
  const limit = options.limit === undefined ? undefined : new Set(rangeOf(options.limit, inventory));
  const hosts = clusterHosts(inventory).filter(({ name }) => limit?.has(name) !== false);
  if (hosts.length === 0) throw new CliError(`The inventory ${options.inventory.join(', ')} names no host.`);
  const signal = interruption();
  const startedMs = performance.now();
  const width = Math.max(...hosts.map(({ name }) => name.length));
  const isText = options.output === 'text';
  const progress = isText && process.stderr.isTTY ? { onProgress: showProgress } : {};
  const { sha256, sizeBytes, copied } = await copy(hosts, {
    file: resolve(file),
    path,
    mode: modeFor(options, resolve(file)),
    owner: options.owner,
    forks: options.forks,
    dryRun: options.dryRun === true,
    mayGive: options.direct !== true,
    connect: makeConnector(options, signal),
    signal,
    ...progress,
    ...(isText ? { onCopied: (one: Copied) => void process.stdout.write(`${line(one, width)}\n`) } : {}),
  });
  const seconds = (performance.now() - startedMs) / 1000;
  process.stdout.write(
    isText ? textSum(copied, seconds) : `${JSON.stringify({ path, sha256, sizeBytes, seconds, hosts: copied }, null, 2)}\n`,
  );
  process.exitCode = signal.aborted ? 130 : copied.every(({ status }) => status !== 'failed') ? 0 : 1;
}

let shown = -1;
/** One line, written over: how much of the file this machine has sent to the host it sends to. */
function showProgress(host: string, sentBytes: number, totalBytes: number): void {
  const percent = Math.floor((sentBytes / totalBytes) * 100);
  if (percent === shown) return;
  shown = percent;
  process.stderr.write(`\r${percent === 100 ? '\u001B[K' : `sending to ${host}: ${percent} %`}`);
}

function line({ host, status, from, seconds, failure }: Copied, width: number): string {
  const name = host.padEnd(width);
  if (failure !== undefined) return `${styleText('red', 'FAILED      ')} ${name}  ${oneLine(failure.message)}`;
  const way = status === 'changed' && from !== undefined ? `  from ${from}` : '';
  return `${styleText(status === 'unchanged' ? 'dim' : 'green', status.padEnd(12))} ${name} ${seconds.toFixed(1).padStart(6)} s${way}`;
}

function textSum(copied: readonly Copied[], seconds: number): string {
  const count = (status: Copied['status']): number => copied.filter((one) => one.status === status).length;
  const parts = (['changed', 'would-change', 'unchanged', 'failed'] as const)
    .filter((status) => count(status) > 0)
    .map((status) => `${count(status)} ${status}`);
  return `\n${parts.join(', ')} of ${copied.length} hosts in ${seconds.toFixed(2)} s\n`;
}
