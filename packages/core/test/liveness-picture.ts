import { type LivenessNode, type LivenessPicture, livenessTimes } from '../src/index.ts';

/** A node as it should be, heard a moment ago; a test says what is otherwise. */
export const livenessNode = (nodeName: string, change: Partial<LivenessNode> = {}): LivenessNode => ({
  nodeId: `id of ${nodeName}`,
  nodeName,
  registered: true,
  inMaintenance: false,
  everHeard: true,
  silentMs: 1000,
  state: 'normal',
  attempts: 0,
  stateAgeMs: 1_000_000,
  nextTryInMs: 0,
  controllable: true,
  busy: false,
  ...change,
});

/** Nodes that are heard, to stand beside those a test is about. */
export const heardNodes = (count: number): LivenessNode[] => Array.from({ length: count }, (_, index) => livenessNode(`heard${index}`));

/** A picture of nodes under the usual times: a threshold of 40 s, a heartbeat every 5 s. */
export const livenessPicture = (nodes: readonly LivenessNode[], change: Partial<LivenessPicture> = {}): LivenessPicture => ({
  enabled: true,
  nodes,
  ...livenessTimes(40_000, 5),
  graceLeftMs: 0,
  brake: { isOn: false, offForMs: null },
  freeSlots: 10,
  chance: () => 0,
  ...change,
});
