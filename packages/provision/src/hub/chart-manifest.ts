import { createHash } from 'node:crypto';
import { parse, stringify } from 'yaml';
import type { HostRun } from '../engine/phase.ts';
import type { ManagedFile } from '../host/managed-file.ts';
import { textVariable } from '../host/variables.ts';
import { manifestFolder } from '../k3s/files.ts';
import { ProvisionError } from '../provision-error.ts';
import { type Chart, readChartFile } from './charts.ts';

/** A chart as it is written for k3s; `revision` is in it too, and shows in the cluster which form of it was taken in. */
export type ChartManifest = ManagedFile & { readonly name: string; readonly revision: string };

/** The annotation with the revision. */
export const revisionKey = 'muster.node/revision';

export const chartPrefix = 'muster-chart-';
const chartManifestPath = (name: string): string => `${manifestFolder}/${chartPrefix}${name}.yaml`;

/** The store of Kubernetes takes no object over 1.5 MiB; base64 makes three bytes four. */
const maxChartBytes = 1024 * 1024;

/** Variables of the inventory that values may name as `{{ convect_workdir }}`. */
const inValues = ['convect_workdir', 'convect_token', 'http_port', 'https_port'] as const;

/** Puts variables of the inventory into a text of values; whatever else stands in braces is the chart's own. Pure. @throws ProvisionError */
export function fillValues(text: string, variable: (name: string) => string | undefined): string {
  return text.replaceAll(/\{\{\s*([a-z_]+)\s*\}\}/gu, (all: string, name: string) => {
    if (!inValues.some((one) => one === name)) return all;
    const value = variable(name);
    if (value === undefined) throw new ProvisionError(`The values name {{ ${name} }}, and the inventory does not set ${name}.`);
    return value;
  });
}

/** The manifest by which k3s installs a chart by itself: archive and values are in it, so no node needs the internet for them. */
export async function chartManifest(host: HostRun, chart: Chart): Promise<ChartManifest> {
  const archive = await readChartFile(chart.chartPath, `The chart ${chart.name} (${chart.chartPath})`);
  if (archive[0] !== 0x1f || archive[1] !== 0x8b) throw new ProvisionError(`${chart.chartPath} is no archive of a chart (.tgz).`);
  if (archive.length > maxChartBytes) {
    throw new ProvisionError(
      `${chart.chartPath} has ${Math.ceil(archive.length / 1024)} KiB, and Kubernetes takes 1024 at most in a manifest. Pack the chart without what it does not need.`,
    );
  }
  const values = chart.valuesPath === undefined ? '' : (await readChartFile(chart.valuesPath, `The values of ${chart.name}`)).toString();
  return manifestOf(chart, { archive, values: fillValues(values, (name) => textVariable(host.host, name)) });
}

/** Pure. @throws ProvisionError for values that are no YAML */
export function manifestOf(chart: Chart, { archive, values }: { readonly archive: Uint8Array; readonly values: string }): ChartManifest {
  requireMapping(chart, values);
  const spec = {
    chartContent: Buffer.from(archive).toString('base64'),
    targetNamespace: chart.namespace,
    createNamespace: true,
    valuesContent: values,
  };
  const revision = createHash('sha256').update(JSON.stringify(spec)).digest('hex').slice(0, 16);
  const manifest = {
    apiVersion: 'helm.cattle.io/v1',
    kind: 'HelmChart',
    metadata: { name: chart.name, namespace: 'kube-system', annotations: { [revisionKey]: revision } },
    spec,
  };
  const content = `# Written by "muster apply".\n${stringify(manifest)}`;
  return { path: chartManifestPath(chart.name), mode: 0o600, content, name: chart.name, revision };
}

function requireMapping(chart: Chart, values: string): void {
  const file = chart.valuesPath ?? '';
  let read: unknown;
  try {
    read = parse(values);
  } catch (error) {
    throw new ProvisionError(`${file} is no YAML: ${(error instanceof Error ? error.message : String(error)).split('\n')[0] ?? ''}`);
  }
  if (read === null || (typeof read === 'object' && !Array.isArray(read))) return;
  throw new ProvisionError(`${file} holds no values: write keys and values, as for helm --values.`);
}
