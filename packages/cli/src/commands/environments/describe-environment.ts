import type { Environment, EnvironmentVersion } from '@muster/api';
import { printable } from '../../output/printable.ts';
import { bytes } from '../../output/units.ts';

const shownVersions = 10;

/** Everything known of an environment, for people. */
export function describeEnvironment(environment: Environment, versions: readonly EnvironmentVersion[]): string {
  const { counts, selector, selectorProblem, artifacts } = environment;
  const { sync, work } = counts;
  const lines: [string, string][] = [
    ['Name', environment.name],
    ['Version', `${environment.version} (${environment.kind})`],
    ['For', selector ?? 'all nodes'],
    ...(selectorProblem === null ? [] : [['', `cannot be read, so nothing is done: ${selectorProblem}`] as [string, string]]),
    ['Nodes', `${counts.nodes}: ${sync.inSync} in sync, ${sync.outOfSync} out of sync, ${sync.off} off, ${sync.unknown} unknown`],
    ['Work', `${work.new} new, ${work.ongoing} ongoing, ${work.success} success, ${work.failed} failed`],
    ['Made of', madeOf(environment)],
    ...artifacts.map(({ name, sizeBytes }): [string, string] => ['', `${name} (${bytes(sizeBytes)})`]),
    ['On the nodes', `/opt/muster-environments/${environment.name}/current`],
    ['Description', environment.description.replaceAll('\n', ' ') || '-'],
    ['Updated', `${environment.updatedAt} by ${environment.updatedBy}`],
    ...versions
      .slice(0, shownVersions)
      .map(({ version, createdAt, createdBy }, index): [string, string] => [
        index === 0 ? 'Versions' : '',
        `${version}: ${createdAt} by ${createdBy}`,
      ]),
  ];
  return lines.map(([label, text]) => `${label.padEnd(14)}${printable(text)}\n`).join('');
}

function madeOf({ definition, artifacts }: Environment): string {
  if (definition.kind === 'archive') return `an archive, sha256 ${definition.sha256}`;
  if (definition.kind === 'conda') return 'an environment.yml (see "muster env export")';
  return `requirements for ${definition.python} (see "muster env export") and ${artifacts.length} wheel${artifacts.length === 1 ? '' : 's'}`;
}
