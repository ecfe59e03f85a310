import type { ClusterHost } from '../host/cluster.ts';
import type { ManagedFile } from '../host/managed-file.ts';
import { flagVariable, listVariable, textVariable } from '../host/variables.ts';
import { componentsFor, readSourceKey, requireSource, sourceFiles } from '../packages/apt-source.ts';
import { ProvisionError } from '../provision-error.ts';

/**
 * The source of `nvidia_repo`, which has drivers, the container toolkit, or both; undefined without one. NVIDIA's own are folders of
 * packages, so the suite is `/` unless said otherwise. @throws ProvisionError when nothing says why it is to be believed
 */
export async function nvidiaSource(host: ClusterHost): Promise<ManagedFile[] | undefined> {
  const uri = textVariable(host, 'nvidia_repo');
  if (uri === undefined) return undefined;
  const suites = [textVariable(host, 'nvidia_repo_suite') ?? '/'];
  const entries = [{ uri, suites, components: componentsFor(suites, listVariable(host, 'nvidia_repo_components') ?? ['main']) }];
  requireSource(host, 'nvidia_repo', { entries });
  const key = await readSourceKey(host, 'nvidia_repo_key', textVariable(host, 'nvidia_repo_key'));
  const isTrusted = flagVariable(host, 'nvidia_repo_trusted', false);
  if (key === undefined && !isTrusted) {
    throw new ProvisionError(
      `${host.name}: nvidia_repo needs nvidia_repo_key, a file on this machine with the key that signs ${uri}; or nvidia_repo_trusted=yes, where whoever can change it may change the host.`,
    );
  }
  return sourceFiles({ name: 'nvidia', entries, key, isTrusted: isTrusted && key === undefined });
}
