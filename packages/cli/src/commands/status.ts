import type { AgentLiveness, ServerStatus } from '@muster/api';
import type { Command } from 'commander';
import { serverClient } from '../client/server-client.ts';
import { type Format, formatOption, printOne } from '../output/format.ts';
import { printable } from '../output/printable.ts';
import { duration } from '../output/units.ts';

/** `muster status`: the server itself. */
export function addStatusCommand(program: Command): void {
  program
    .command('status')
    .description('the server: version, addresses, times in force, nodes by health')
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  muster status -o json')
    .action(async ({ output }: { output: Format }, command: Command) => {
      const status = await serverClient(command).getStatus({});
      printOne(output, status, () => describe(status));
    });
}

function describe(status: ServerStatus): string {
  const counts = Object.entries(status.nodes.byHealth)
    .map(([state, count]) => `${count} ${state}`)
    .join(', ');
  const upSeconds = (Date.parse(status.now) - Date.parse(status.startedAt)) / 1000;
  const lines: [string, string][] = [
    ['Version', status.version],
    ['Up', duration(upSeconds)],
    ['Nodes', `${status.nodes.total} (${counts})`],
    ['Agents use', status.agentAddresses.join(', ')],
    ['Heartbeat', `every ${status.heartbeatIntervalSeconds} s; bad after ${status.heartbeatTimeoutSeconds} s of silence`],
    ['Authority', status.caFingerprint],
  ];
  lines.push(...livenessLines(status.agentLiveness));
  if (status.graceUntil !== null) lines.push(['Just started', `no node is declared bad before ${status.graceUntil}`]);
  return lines.map(([label, value]) => `${label.padEnd(14)}${value}\n`).join('');
}

/** What is done about agents that are not heard; while the brake is on, why it is nothing. */
function livenessLines({ enabled, thresholdSeconds, effectiveThresholdSeconds, brake, ...counts }: AgentLiveness): [string, string][] {
  const { restarting, needsAttention, stopped } = counts;
  const why = effectiveThresholdSeconds > thresholdSeconds ? ` (three heartbeats; configured are ${duration(thresholdSeconds)})` : '';
  const does = enabled ? `agents are restarted after ${duration(effectiveThresholdSeconds)} of silence${why}` : 'off';
  const counted = `${restarting} being restarted, ${needsAttention} need attention, ${stopped} stopped on purpose`;
  return [
    ['Liveness', `${does}; ${counted}`],
    ...(brake === null ? [] : [['BRAKE', `since ${brake.since}: ${printable(brake.message)}`] satisfies [string, string]]),
  ];
}
