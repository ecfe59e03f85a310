import { type Artifact, artifactFor } from '../artifacts.ts';
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
    for (const artifact of missing) {
      await connection.upload(artifact.path, stagedPath(artifact), { mode: 0o644, owner: 'root:root', sudo: true, signal: run.signal });
    }
  },
};

function wantedBy(host: HostRun, run: Run): { program: string; artifact: Artifact }[] {
  const agent = { program: 'muster-agent', artifact: artifactFor('agent', run.artifacts, factsOf(host)) };
  if (!host.host.roles.includes('driver')) return [agent];
  return [{ program: 'muster', artifact: artifactFor('server', run.artifacts, factsOf(host)) }, agent];
}
