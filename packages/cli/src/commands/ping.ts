import { styleText } from 'node:util';
import { clusterHosts, ping, type Pong } from '@muster/provision';
import { type Command, Option } from 'commander';
import { CliError } from '../cli-error.ts';
import { interruption } from '../interruption.ts';
import { wholeNumber } from '../output/format.ts';
import { oneLine } from '../output/printable.ts';
import { makeConnector } from '../ssh/connector.ts';
import { inventoryOf } from '../ssh/inventory-options.ts';
import { addSshOptions, type SshOptions } from '../ssh/ssh-options.ts';

type Options = SshOptions & { output: 'text' | 'json'; sudo?: boolean; repeat: number };

/** `muster ping`: can every host be reached and logged in to, and used with sudo? */
export function addPingCommand(program: Command): void {
  addSshOptions(program.command('ping').description('log in to every host of an inventory; runs and changes nothing'))
    .option('--sudo', 'also become root there, which runs "id -u"')
    .option(
      '--repeat <n>',
      'log in to each host so many times, to see whether all logins hold when many come at once',
      wholeNumber(1, 10_000),
      1,
    )
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      '\nExamples:\n  muster ping -i inventory.ini\n  muster ping -i inventory.ini --sudo\n  muster ping -i inventory.ini --repeat 20 -f 100\n  muster ping -i inventory.ini --accept-new -o json\n\nExit status 0 only when all hosts answered.',
    )
    .action(async (options: Options) => {
      const hosts = clusterHosts(await inventoryOf(options));
      if (hosts.length === 0) throw new CliError(`The inventory ${options.inventory.join(', ')} names no host.`);
      const width = Math.max(...hosts.map((host) => host.name.length));
      const signal = interruption();
      const startedMs = performance.now();
      const onPong = options.output === 'json' ? undefined : (pong: Pong) => void process.stdout.write(`${line(pong, width)}\n`);
      const pongs = await ping(hosts, {
        forks: options.forks,
        connect: makeConnector(options, signal),
        signal,
        sudo: options.sudo,
        repeat: options.repeat,
        ...(onPong === undefined ? {} : { onPong }),
      });
      const failed = pongs.filter((pong) => !pong.ok).length;
      if (options.output === 'json') process.stdout.write(`${JSON.stringify(pongs, null, 2)}\n`);
      else
        process.stdout.write(
          `\n${pongs.length - failed} of ${pongs.length} hosts answered in ${((performance.now() - startedMs) / 1000).toFixed(2)} s\n`,
        );
      process.exitCode = pingStatus(signal, failed);
    });
}

const pingStatus = (signal: AbortSignal, failed: number): number => (signal.aborted ? 130 : failed === 0 ? 0 : 1);

function line({ host, ok, milliseconds, failure, logins }: Pong, width: number): string {
  const stream = process.stdout;
  const name = host.padEnd(width);
  const several =
    logins === undefined
      ? ''
      : `  ${logins.total - logins.failed} of ${logins.total} logins, slowest ${Math.round(logins.slowestMilliseconds)} ms`;
  const time = `${`${Math.round(milliseconds)} ms`.padStart(8)}${several}`;
  if (ok) return `${styleText('green', 'ok    ', { stream })} ${name} ${time}`;
  return `${styleText('red', 'FAILED', { stream })} ${name} ${time}  ${oneLine(failure?.message ?? '')}`;
}
