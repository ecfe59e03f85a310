import type { Command } from 'commander';
import { configurationSources } from './read-configuration.ts';

/** `muster config print`: what the server would run with. */
export function addConfigCommand(program: Command): void {
  program
    .command('config')
    .description('the configuration of the server')
    .addHelpText('after', '\nExample:\n  muster config print')
    .command('print')
    .description('print the effective values, secrets masked')
    .option('-c, --config <file>', 'configuration (default: muster.yaml here, else /etc/muster/muster.yaml)')
    .addHelpText('after', '\nExample:\n  MUSTER_HTTP_PORT=8080 muster config print')
    .action(async ({ config }: { config?: string }) => {
      const { loadConfig, printConfig } = await import('@muster/server');
      process.stdout.write(printConfig(loadConfig(configurationSources(config))));
    });
}
