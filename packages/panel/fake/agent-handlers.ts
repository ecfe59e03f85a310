import type { AgentCheck, AgentControl, JournalLine } from '@muster/api';
import { findNode, type FakeHandlers } from './call.ts';

const startMs = Date.UTC(2026, 10, 21, 9, 0, 0);
const hostile = '<img src=x onerror="window.hacked=true"> \u001b[2J\u001b]0;owned\u0007 \u202etxt.exe';

/** The end of a unit's journal. */
export const journalOf = (unit: string): JournalLine[] =>
  Array.from({ length: 20 }, (_, at) => ({
    at: new Date(startMs + at * 1_000).toISOString(),
    text: at === 7 ? hostile : `${unit}[812]: line ${at + 1}`,
  }));

const controlOf = (nodeId: string, nodeName: string): AgentControl => ({
  nodeId,
  nodeName,
  address: null,
  port: 22,
  hostKeys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIfake'],
  full: false,
  refusedKey: null,
  since: '2026-11-21T08:00:00.000Z',
});

/** How agents are reached over SSH, and journals. */
export const agentHandlers: FakeHandlers = {
  listAgentControl: (world) => ({
    user: 'muster-control',
    publicKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIserver',
    fingerprint: 'SHA256:fakefakefakefakefakefakefakefakefakefakefake',
    items: world.nodes.filter(({ node }) => node.registration === 'registered').map(({ node }) => controlOf(node.id, node.name)),
  }),
  checkAgentControl: (world, { body }) => ({
    items: (body as { nodes: string[] }).nodes.map((key): AgentCheck => {
      const { node } = findNode(world, key);
      const reached = node.health.state !== 'bad';
      return {
        nodeId: node.id,
        nodeName: node.name,
        reached,
        message: reached ? 'muster-agent.service is active.' : 'connection refused at port 22',
        byHand: reached ? null : 'sudo systemctl restart muster-agent.service',
      };
    }),
  }),
  readJournal: (_, { params }) => ({ lines: journalOf(params['unit'] ?? ''), dropped: 0 }),
};
