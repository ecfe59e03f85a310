import type { Phase } from '../engine/phase.ts';
import { chartManifest } from '../hub/chart-manifest.ts';
import { chartsOf } from '../hub/charts.ts';
import { isOfK3s } from './members.ts';
import { givenToken, portVariable, waitSeconds } from './settings.ts';
import { archivesOf, pluginImage, sourcesOf } from './sources.ts';

/** Verifies what k3s is installed from against its checksums, and reads its variables, before anything is touched anywhere. */
export const artifactsPhase: Phase<undefined> = {
  name: 'artifacts',
  concerns: isOfK3s,
  observe: async (host, run) => {
    givenToken(host.host);
    waitSeconds(host.host);
    for (const name of ['http_port', 'https_port']) portVariable(host.host, name);
    await sourcesOf(host, run);
    await archivesOf(host, run);
    await pluginImage(host, run);
    if (host.host.roles.includes('k3s-server')) for (const chart of await chartsOf(host, run)) await chartManifest(host, chart);
    return undefined;
  },
  plan: () => [],
};
