import type { Command } from 'commander';
import { readManifest } from '../../artifacts/manifest.ts';
import { pull } from '../../artifacts/pull.ts';
import { interruption } from '../../interruption.ts';
import { type Format, formatOption } from '../../output/format.ts';
import { printable } from '../../output/printable.ts';
import { printOutcomes } from './outcome-table.ts';

/** `muster artifacts pull`: from the addresses of a manifest into a folder. */
export function addPullCommand(artifacts: Command): void {
  artifacts
    .command('pull')
    .argument('<manifest>', 'YAML or JSON: names, SHA-256 and addresses')
    .description('download what a manifest lists; what was cut off goes on, what is there and right is kept')
    .option('-C, --folder <folder>', 'where the files go', 'artifacts')
    .addOption(formatOption())
    .addHelpText(
      'after',
      `
Addresses: https://, http://, s3://BUCKET/KEY (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT_URL),
oci://HOST/NAME@sha256:DIGEST (MUSTER_REGISTRY_USER, MUSTER_REGISTRY_PASSWORD). Every file is verified by SHA-256.

Examples:
  muster artifacts pull artifacts.yaml
  muster artifacts pull artifacts.yaml --folder /srv/artifacts -o json`,
    )
    .action(async (path: string, { folder, output }: { folder: string; output: Format }) => {
      const outcomes = await pull(await readManifest(path), {
        folder,
        environment: process.env,
        atOnce: 3,
        signal: interruption(),
        started: ({ name, url }) => process.stderr.write(`pulling ${printable(name)} from ${printable(url ?? '')}\n`),
      });
      printOutcomes(output, outcomes);
    });
}
