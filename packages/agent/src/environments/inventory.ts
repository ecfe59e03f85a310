import type { EnvironmentsReport } from '@muster/api/agent';
import { messageOf } from '../agent-error.ts';
import type { EnvironmentPaths } from './disk/environment-paths.ts';
import { presentEnvironments } from './disk/present-environments.ts';

const maxReported = 256;

/** What this host really has: of each environment the version in use, or where none is, the newest that lies there. Never throws. */
export async function takeInventory(paths: EnvironmentPaths): Promise<EnvironmentsReport> {
  try {
    const items = (await presentEnvironments(paths)).flatMap(({ name, current, versions }) => {
      // Without the link nobody can use it; but it is there, and has to be removed or brought level.
      const record = current ?? versions[0];
      if (record === undefined) return [];
      return [{ name, version: record.version, definitionSha256: current === undefined ? '' : record.definitionSha256 }];
    });
    return { available: true, items: items.slice(0, maxReported), truncated: items.length > maxReported };
  } catch (error) {
    return { available: false, reason: messageOf(error).slice(0, 300) };
  }
}
