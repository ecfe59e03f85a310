import type { HostFacts, Listener } from '../host/host-facts.ts';
import { error, type Finding } from './checks.ts';
import type { OwnPort } from './port-table.ts';

/** Ports that a host will listen on and another program has. Pure. */
export function busyPorts(ports: readonly OwnPort[], { listeners }: HostFacts): Finding[] {
  return ports.flatMap(({ protocol, port, units }) => {
    const holders = listeners.filter((one) => one.protocol === protocol && one.port === port && !isExpected(one, units));
    const named = [...new Set(holders.map(holderOf))];
    return named.length === 0 ? [] : [error('ports-free', `its port ${protocol}/${port} is held by ${named.join(' and ')}`)];
  });
}

/** A datagram socket without a process is the kernel's, as the one of a VXLAN; `muster-probe` a test of an earlier run that is ending. */
const isExpected = ({ protocol, pid, unit, process }: Listener, units: readonly string[]): boolean =>
  units.includes(unit) || process === 'muster-probe' || (protocol === 'udp' && pid === '');

function holderOf({ pid, unit, process, address }: Listener): string {
  if (pid === '') return `a program that is not named, on ${address}`;
  return `${process === '' ? 'a program' : process} (process ${pid}${unit === '' ? '' : ` of ${unit}`}) on ${address}`;
}
