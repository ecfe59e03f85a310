import { connectionOf } from '../engine/host-run.ts';
import type { Phase } from '../engine/phase.ts';
import { runScript } from '../host/run-script.ts';
import { undoFolder } from '../host/undo-notes.ts';
import { agentUnit } from '../host/units.ts';
import { dnsmasqUnitName } from '../network/dnsmasq-files.ts';
import { rangeUnitName } from '../network/follow-primary.ts';
import { gatewayUnitName } from '../network/gateway-files.ts';
import { netbootUnitName } from '../network/netboot-files.ts';
import { databaseUnitName, etcdUnitName } from '../pool/places.ts';

type Observed = { readonly units: readonly string[] };

/** In the order in which they are stopped. Those of a package are stopped only where a run has brought the package. */
const own: readonly string[] = [
  agentUnit,
  'muster.service',
  databaseUnitName,
  etcdUnitName,
  rangeUnitName,
  dnsmasqUnitName,
  netbootUnitName,
  gatewayUnitName,
];
const ofPackages = {
  'slurmd.service': 'slurmd',
  'slurmctld.service': 'slurmctld',
  'munge.service': 'munge',
  'docker-registry.service': 'docker-registry',
} as const;

const observeScript = `
for unit in ${own.join(' ')}; do
  [ ! -e /etc/systemd/system/$unit ] || printf 'unit=%s\\n' "$unit"
done
${Object.entries(ofPackages)
  .map(
    ([unit, name]) =>
      `if grep -qxF ${name} ${undoFolder}/packages 2>/dev/null && systemctl -q is-active ${unit}; then echo unit=${unit}; fi`,
  )
  .join('\n')}
true
`;

const stopScript = `
set -eu
while read -r unit; do
  systemctl disable --quiet --now "$unit" 2>/dev/null || systemctl stop "$unit"
  case "$unit" in muster*)
    rm -f "/etc/systemd/system/$unit"
    rm -rf "/etc/systemd/system/$unit.d"
    ;;
  esac
  rm -f "/run/muster-restart-pending.$unit"
  systemctl reset-failed "$unit" 2>/dev/null || true
done
systemctl daemon-reload
`;

/** Stops what a run has started, and takes the units of Muster away. */
export const servicesPhase: Phase<Observed> = {
  name: 'services',
  concerns: () => true,
  observe: async (host, run) => {
    const output = await runScript(connectionOf(host), observeScript, { label: 'look at the services', sudo: true, signal: run.signal });
    return { units: output.split('\n').flatMap((line) => (line.startsWith('unit=') ? [line.slice('unit='.length)] : [])) };
  },
  plan: ({ units }) => units.map((unit) => ({ what: own.includes(unit) ? `stop and remove ${unit}` : `stop ${unit}` })),
  act: async ({ units }, host, run) => {
    const stdin = units.map((unit) => `${unit}\n`).join('');
    await runScript(connectionOf(host), stopScript, {
      label: 'stop the services',
      sudo: true,
      signal: run.signal,
      stdin,
      timeoutSeconds: 180,
    });
  },
};
