import { rename, rm, writeFile } from 'node:fs/promises';
import { clusterOf, fetchKubeconfig } from '@muster/provision';
import type { Command } from 'commander';
import { interruption } from '../interruption.ts';
import { makeConnector } from '../ssh/connector.ts';
import { inventoryOf } from '../ssh/inventory-options.ts';
import { addSshOptions, type SshOptions } from '../ssh/ssh-options.ts';

type Options = SshOptions & { file?: string };

/** `muster kubeconfig`: how kubectl on this machine reaches the k3s of an inventory. */
export function addKubeconfigCommand(program: Command): void {
  addSshOptions(program.command('kubeconfig').description("fetch the administrator's kubeconfig of the inventory's k3s cluster"))
    .option('--file <path>', 'file to write, readable by you alone (default: print it)')
    .addHelpText(
      'after',
      `
Examples:
  muster kubeconfig -i inventory.ini --file ~/.kube/muster.yaml
  KUBECONFIG=~/.kube/muster.yaml kubectl get nodes

It is a secret: whoever holds it is the master of the cluster. The address in it is k3s_endpoint, else the server's in the cluster's network.`,
    )
    .action(async (options: Options) => {
      const signal = interruption();
      const text = await fetchKubeconfig({
        cluster: clusterOf(await inventoryOf(options)),
        connect: makeConnector(options, signal),
        signal,
      });
      if (options.file === undefined) process.stdout.write(text);
      else await replaceFile(options.file, text);
    });
}

/** The file that was there is replaced in one step; at no moment can others read it. */
async function replaceFile(path: string, text: string): Promise<void> {
  // Left behind by a command that was killed: its mode may be another.
  await rm(`${path}.new`, { force: true });
  await writeFile(`${path}.new`, text, { mode: 0o600, flag: 'wx' });
  await rename(`${path}.new`, path);
}
