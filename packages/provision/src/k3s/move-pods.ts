import { connectionOf } from '../engine/host-run.ts';
import type { HostRun, Run } from '../engine/phase.ts';
import { runScript } from '../host/run-script.ts';
import { undoFolder } from '../host/undo-notes.ts';
import { drainNode, uncordonNode } from './cluster-work.ts';
import { drainedMark } from './look.ts';
import type { K3sNode } from './node-watch.ts';

/** The server whose API is asked, and what it says of the node now. */
export type Moving = { readonly api: HostRun; readonly node: K3sNode | undefined };

/** Moves the pods away, unless a person has cordoned the node: then it stays so. Whether it has to be taken back. @throws ProvisionError */
export async function movePodsAway(host: HostRun, run: Run, { api, node }: Moving): Promise<boolean> {
  const wasCordoned = node?.isCordoned === true;
  // Before the drain: a run that is cut off leaves the next one to take it back.
  const note = `mkdir -p -m 0700 ${undoFolder}; : > ${drainedMark}`;
  if (!wasCordoned) await runScript(connectionOf(host), note, { label: 'note the drain', sudo: true, signal: run.signal });
  await drainNode(api, run, host.host.name);
  return !wasCordoned;
}

/** Lets a node that a run has drained take pods again. May be repeated. */
export async function takePodsAgain(host: HostRun, run: Run, api: HostRun): Promise<void> {
  await uncordonNode(api, run, host.host.name);
  await runScript(connectionOf(host), `rm -f ${drainedMark}`, { label: 'forget the drain', sudo: true, signal: run.signal });
}
