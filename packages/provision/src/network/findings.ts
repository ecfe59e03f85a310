import type { HostRun, Run } from '../engine/phase.ts';
import type { HostFacts, Listener } from '../host/host-facts.ts';
import { error, type Finding } from '../preflight/checks.ts';
import { chronyUnit } from './chrony-files.ts';
import { dnsmasqUnitName } from './dnsmasq-files.ts';
import { dhcpFaults } from './dnsmasq-plan.ts';
import { isOn, offers } from './members.ts';
import { netbootPort, netbootUnitName } from './netboot-files.ts';
import { gatewayFaults } from './own-network.ts';

type Port = { readonly port: number; readonly protocols: readonly Listener['protocol'][]; readonly unit: string };

/** What stands in the way of the network's services on a host, before anything is touched. Pure. */
export function networkFindings(host: HostRun, run: Pick<Run, 'cluster'>): Finding[] {
  const { host: own, facts } = host;
  const ports: Port[] = [
    ...(isOn(own, 'ntp') ? [{ port: 123, protocols: ['udp'] as const, unit: chronyUnit }] : []),
    ...(offers(own, 'dns') ? [{ port: 53, protocols: ['udp', 'tcp'] as const, unit: dnsmasqUnitName }] : []),
    ...(offers(own, 'dhcp') ? [{ port: 67, protocols: ['udp'] as const, unit: dnsmasqUnitName }] : []),
    ...(offers(own, 'netboot') ? [{ port: netbootPort, protocols: ['tcp'] as const, unit: netbootUnitName }] : []),
    ...(offers(own, 'tftp') ? [{ port: 69, protocols: ['udp'] as const, unit: dnsmasqUnitName }] : []),
  ];
  return [
    ...[...dhcpFaults(host, run), ...gatewayFaults(host)].map((text) => error('network-services', text)),
    ...(facts === undefined ? [] : ports.flatMap((port) => holdersOf(port, facts, host.address))),
  ];
}

/** Only who has the port on the address of the cluster's network, or on all, is in the way. */
function holdersOf({ port, protocols, unit }: Port, { listeners }: HostFacts, address: string | undefined): Finding[] {
  const inTheWay = listeners.filter(
    (one) =>
      one.port === port && protocols.includes(one.protocol) && one.unit !== unit && ['0.0.0.0', '*', '[::]', address].includes(one.address),
  );
  const names = [
    ...new Set(inTheWay.map(({ process, unit: of }) => `${process === '' ? 'a program' : process}${of === '' ? '' : ` of ${of}`}`)),
  ];
  return names.length === 0
    ? []
    : [
        error(
          'network-services',
          `its port ${protocols.join(' and ')}/${port} is held by ${names.join(' and ')}: stop that, or leave it the work`,
        ),
      ];
}
