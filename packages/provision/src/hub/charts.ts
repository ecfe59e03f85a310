import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type InventoryValue, textOf } from '@muster/core';
import { z } from 'zod';
import type { HostRun, Run } from '../engine/phase.ts';
import type { ClusterHost } from '../host/cluster.ts';
import { rawVariable, textVariable } from '../host/variables.ts';
import { artifactFolder, pathBesideInventory } from '../k3s/settings.ts';
import { ProvisionError } from '../provision-error.ts';

/** A chart that k3s is to install. */
export type Chart = {
  readonly name: string;
  readonly namespace: string;
  /** The archive of the chart, on this machine. */
  readonly chartPath: string;
  /** A YAML file of values on this machine. */
  readonly valuesPath: string | undefined;
};

/** The name of the guide's hub among the charts. */
const hubName = 'jupyterhub';

const dnsName = z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,51}[a-z0-9])?$/u, 'must be small letters, digits and hyphens, 53 at most');

const Addon = z.strictObject({
  name: dnsName,
  namespace: dnsName.optional(),
  chart: z.string().min(1),
  values: z.string().min(1).optional(),
});

/** The further charts of the inventory: `addons`, a list of `name`, `namespace`, `chart`, `values`. Pure. @throws ProvisionError */
export function addonsOf(host: ClusterHost): z.infer<typeof Addon>[] {
  const value = rawVariable(host, 'addons');
  if (value === undefined || value === null || value === '') return [];
  const parsed = z.array(Addon).safeParse(plainOf(value));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new ProvisionError(
      `${host.name}: addons is no list of charts (${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}). Each has name, chart, and where wanted namespace and values.`,
    );
  }
  const names = parsed.data.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i || name === hubName);
  if (twice === undefined) return parsed.data;
  throw new ProvisionError(`${host.name}: addons has the name "${twice}" twice, or it is the hub's (jhub_config_path). Give each its own.`);
}

/** A value of the inventory as JSON would have it. */
function plainOf(value: InventoryValue): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, one]) => [String(key), plainOf(one as InventoryValue)]));
  if (Array.isArray(value)) return value.map((one) => plainOf(one as InventoryValue));
  return textOf(value);
}

/** Every chart that a host's inventory asks for, the hub first. @throws ProvisionError */
export async function chartsOf({ host }: HostRun, run: Pick<Run, 'inventoryFolder'>): Promise<Chart[]> {
  const folder = artifactFolder(host, run.inventoryFolder);
  const beside = (path: string): string => pathBesideInventory(path, run.inventoryFolder);
  const values = textVariable(host, 'jhub_config_path');
  const addons = addonsOf(host).map((addon): Chart => ({
    name: addon.name,
    namespace: addon.namespace ?? addon.name,
    chartPath: pathBesideInventory(addon.chart, folder),
    valuesPath: addon.values === undefined ? undefined : beside(addon.values),
  }));
  if (values === undefined) return addons;
  const namespace = textVariable(host, 'jhub_namespace') ?? hubName;
  return [{ name: hubName, namespace, chartPath: await hubChart(host, folder), valuesPath: beside(values) }, ...addons];
}

/** The chart of the hub: `jhub_chart`, else the one archive of that name in the artifact folder. */
async function hubChart(host: ClusterHost, folder: string): Promise<string> {
  const given = textVariable(host, 'jhub_chart');
  if (given !== undefined) return pathBesideInventory(given, folder);
  const names = (await readdir(folder).catch((): string[] => [])).filter((name) => /^jupyterhub-.*\.tgz$/u.test(name)).toSorted();
  const [name, second] = names;
  if (name !== undefined && second === undefined) return join(folder, name);
  throw new ProvisionError(
    name === undefined
      ? `${folder} holds no chart jupyterhub-*.tgz, which jhub_config_path asks for. Put it there, name it with jhub_chart, or take jhub_config_path out.`
      : `${folder} holds more than one chart of the hub (${names.join(', ')}). Say which with jhub_chart.`,
  );
}

/** What a local file of a chart holds. @throws ProvisionError that says which variable named it */
export async function readChartFile(path: string, what: string): Promise<Buffer> {
  return await readFile(path).catch((error: unknown) => {
    throw new ProvisionError(`${what} cannot be read: ${error instanceof Error ? error.message : String(error)}.`);
  });
}
