import type { Command } from 'commander';
import { bundle } from '../../artifacts/bundle.ts';
import { readManifest } from '../../artifacts/manifest.ts';
import { bytes } from '../../output/units.ts';

/** `muster artifacts bundle`: one file to carry to where there is no internet. */
export function addBundleCommand(artifacts: Command): void {
  artifacts
    .command('bundle')
    .argument('<manifest>', 'YAML or JSON: names and SHA-256')
    .argument('<file>', 'the tar to write')
    .description('pack what a manifest lists into one tar, with the manifest and the checksums')
    .option('-C, --folder <folder>', 'where the files are', 'artifacts')
    .addHelpText('after', '\nExample:\n  muster artifacts bundle artifacts.yaml cluster.tar')
    .action(async (path: string, file: string, { folder }: { folder: string }) => {
      const manifest = await readManifest(path);
      const size = await bundle(manifest, folder, file);
      process.stdout.write(`${file}: ${manifest.artifacts.length} artifacts, ${bytes(size)}\n`);
    });
}
