import type { Cluster, ClusterHost } from '../host/cluster.ts';
import { flagVariable } from '../host/variables.ts';
import { chartManifest } from '../hub/chart-manifest.ts';
import { chartsOf } from '../hub/charts.ts';
import { ProvisionError } from '../provision-error.ts';
import { type Finding, judgeK3sFolder, lookAtK3sFolder } from './artifact-folder.ts';
import { findImageArchives } from './image-archives.ts';
import { isOfK3s } from './members.ts';
import { artifactFolder } from './settings.ts';

/** One artifact of a cluster, for whom it is and how it is. */
export type CheckedArtifact = Finding & { readonly role: 'k3s' | 'images' | 'hub'; readonly folder: string };

/**
 * Everything that the roles of an inventory are installed from on this machine, verified against its checksums. No host is asked, so the
 * architectures have to be said. Never throws for what is missing: that is what it tells.
 */
export async function checkArtifacts(
  cluster: Cluster,
  { architectures, inventoryFolder }: { readonly architectures: readonly string[]; readonly inventoryFolder?: string },
): Promise<CheckedArtifact[]> {
  const members = cluster.hosts.filter((host) => isOfK3s(host) || host.roles.includes('registry'));
  const checked: CheckedArtifact[] = [];
  for (const folder of new Set(members.map((host) => artifactFolder(host, inventoryFolder)))) {
    const theirs = members.filter((host) => artifactFolder(host, inventoryFolder) === folder);
    if (theirs.some(isOfK3s)) checked.push(...(await checkK3s(folder, architectures)));
    checked.push(...(await checkImages(folder, theirs)));
  }
  const server = cluster.hosts.find(({ roles }) => roles.includes('k3s-server'));
  if (server !== undefined) checked.push(...(await checkCharts(server, inventoryFolder)));
  return checked;
}

async function checkK3s(folder: string, architectures: readonly string[]): Promise<CheckedArtifact[]> {
  const checked: CheckedArtifact[] = [];
  for (const architecture of architectures) {
    const findings = await lookAtK3sFolder(folder, architecture)
      .then((look) => judgeK3sFolder(architecture, look))
      .catch((error: unknown): Finding[] => [missing(folder, error)]);
    checked.push(...findings.map((one): CheckedArtifact => ({ ...one, role: 'k3s', folder })));
  }
  return checked;
}

async function checkImages(folder: string, hosts: readonly ClusterHost[]): Promise<CheckedArtifact[]> {
  const { findings } = await findImageArchives(folder);
  const needsPlugin = hosts.some(
    (host) => isOfK3s(host) && flagVariable(host, 'has_gpu', false) && flagVariable(host, 'nvidia_device_plugin', true),
  );
  const lacksPlugin = needsPlugin && findings.every(({ name }) => !name.includes('device-plugin'));
  const plugin: Finding = {
    name: 'images/k8s-device-plugin.tar',
    state: 'missing',
    why: "hosts with has_gpu need the image of NVIDIA's device plugin; or set nvidia_device_plugin=no",
  };
  return [...findings, ...(lacksPlugin ? [plugin] : [])].map((one) => ({ ...one, role: 'images', folder }));
}

async function checkCharts(server: ClusterHost, inventoryFolder: string | undefined): Promise<CheckedArtifact[]> {
  const folder = artifactFolder(server, inventoryFolder);
  const host = { host: server };
  const run = inventoryFolder === undefined ? {} : { inventoryFolder };
  try {
    const checked: CheckedArtifact[] = [];
    for (const chart of await chartsOf(host, run)) {
      const finding = await chartManifest(host, chart).then(
        (): Finding => ({ name: chart.chartPath, state: 'good', why: '' }),
        (error: unknown): Finding => ({ ...missing(chart.chartPath, error), state: 'wrong' }),
      );
      checked.push({ ...finding, role: 'hub', folder });
    }
    return checked;
  } catch (error) {
    return [{ ...missing('jupyterhub-*.tgz', error), role: 'hub', folder }];
  }
}

/** What a person did wrong is told; anything else is a fault of the program. */
function missing(name: string, error: unknown): Finding {
  if (!(error instanceof ProvisionError)) throw error;
  return { name, state: 'missing', why: error.message };
}
