import { stat } from 'node:fs/promises';
import { sourceOfFile, type UploadSource } from '@muster/ssh';
import { type Artifact, artifactFor } from '../artifacts.ts';
import { Spread } from '../copy/spread.ts';
import { connectionOf, factsOf } from '../engine/host-run.ts';
import type { HostRun, Phase, Run } from '../engine/phase.ts';
import { isNode } from '../host/cluster.ts';
import { readLines, runScript } from '../host/run-script.ts';

/** Where artifacts wait on a host, named after their content. */
export const stagingFolder = '/var/cache/muster';
export const stagedPath = (artifact: Artifact, folder = stagingFolder): string => `${folder}/${artifact.sha256}.tar.gz`;

/** Which release of a program a host has in use: the hash of the artifact it was unpacked from. */
export const releaseMark = '.artifact';

type Observed = { readonly missing: readonly Artifact[] };

/** Brings the tarballs to the hosts that have neither unpacked nor staged them. */
export const stagePhase: Phase<Observed> = {
  name: 'stage',
  concerns: isNode,
  observe: async (host, run) => {
    const script = `for program in muster muster-agent; do printf '%s=%s\\n' "$program" "$(cat "/opt/$program/${releaseMark}" 2>/dev/null)"; done`;
    const installed = readLines(await runScript(connectionOf(host), script, { label: 'look for installed releases', signal: run.signal }));
    const wanted = wantedBy(host, run).filter(({ program, artifact }) => installed.get(program) !== artifact.sha256);
    return { missing: wanted.map(({ artifact }) => artifact) };
  },
  plan: ({ missing }) => missing.map((artifact) => ({ what: `upload ${artifact.path.split('/').at(-1) ?? artifact.path}` })),
  act: async ({ missing }, host, run) => {
    const connection = connectionOf(host);
    await runScript(connection, `umask 022; mkdir -p ${stagingFolder}`, { label: `make ${stagingFolder}`, sudo: true, signal: run.signal });
    for (const artifact of missing) await (await spreadOf(artifact, run)).place(host.host.name, connection);
  },
};

/** By run and artifact: hosts that have it give it to those of the same run that lack it. */
const spreads = new WeakMap<Run, Map<string, Promise<Spread>>>();

function spreadOf(artifact: Artifact, run: Run): Promise<Spread> {
  const ofRun = spreads.get(run) ?? new Map<string, Promise<Spread>>();
  spreads.set(run, ofRun);
  const spread = ofRun.get(artifact.sha256) ?? makeSpread(artifact, run);
  ofRun.set(artifact.sha256, spread);
  return spread;
}

async function makeSpread(artifact: Artifact, { forks, signal }: Run): Promise<Spread> {
  const upload = { mode: 0o644, owner: 'root:root', sudo: true, signal };
  return new Spread({ source: await sourceOf(artifact), path: stagedPath(artifact), upload, forks });
}

/** With the digest that is known already. A file that is not there is left to the upload, which says so. */
async function sourceOf({ path, sha256 }: Artifact): Promise<UploadSource | string> {
  const found = await stat(path).catch(() => undefined);
  return found === undefined ? path : sourceOfFile(path, { sizeBytes: found.size, sha256 });
}

function wantedBy(host: HostRun, run: Run): { program: string; artifact: Artifact }[] {
  const isServer = host.host.roles.includes('driver');
  return [
    ...(isServer ? [{ program: 'muster', artifact: artifactFor('server', run.artifacts, factsOf(host)) }] : []),
    ...(run.installsAgents === false ? [] : [{ program: 'muster-agent', artifact: artifactFor('agent', run.artifacts, factsOf(host)) }]),
  ];
}
