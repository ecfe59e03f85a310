import type { ManagedFile } from '../host/managed-file.ts';
import { markedFile } from './marked-file.ts';
import type { Gateway } from './wanted-gateway.ts';

export const gatewayUnitName = 'muster-gateway.service';
export const gatewayFolder = '/etc/muster/gateway';

export const gatewayPaths = {
  settings: `${gatewayFolder}/keepalived.conf`,
  check: `${gatewayFolder}/check`,
  unit: `/etc/systemd/system/${gatewayUnitName}`,
} as const;

/** Who holds the address of the way out. */
export type GatewayPlan = {
  readonly interface: string;
  /** Of the member itself, and of the other members. */
  readonly address: string;
  readonly peers: readonly string[];
  readonly gateway: Gateway;
};

/**
 * The files of a member's keepalived: an own one with an own unit, beside any other that the host has. All members are equal, and whoever has the
 * address keeps it (`nopreempt`): it moves only when its holder dies, or has itself no way out. The members ask each other one by one, so no
 * other router of the network is disturbed. Pure.
 */
export function gatewayFiles(plan: GatewayPlan): ManagedFile[] {
  const { text, prefixLength } = plan.gateway;
  const held = `${text}/${prefixLength}`;
  return [
    markedFile(gatewayPaths.settings, settings(plan, held)),
    markedFile(gatewayPaths.check, check),
    markedFile(gatewayPaths.unit, unit(held, plan.interface)),
  ];
}

const settings = (plan: GatewayPlan, held: string): string => `global_defs {
  enable_script_security
  script_user root
  vrrp_version 3
}
vrrp_script way_out {
  script "/bin/sh ${gatewayPaths.check}"
  interval 2
  timeout 5
  fall 2
  rise 2
}
vrrp_instance muster {
  state BACKUP
  nopreempt
  interface ${plan.interface}
  virtual_router_id ${routerId(plan.gateway.text)}
  priority 100
  advert_int 0.5
  unicast_src_ip ${plan.address}
  unicast_peer {
${plan.peers.map((peer) => `    ${peer}\n`).join('')}  }
  virtual_ipaddress {
    ${held} dev ${plan.interface}
  }
  track_script {
    way_out
  }
}
`;

/** From 1 to 255, the same on all members. */
const routerId = (address: string): number => Number(address.split('.')[3]) || 255;

/** What a member must have itself to be the way out for others. Its first line is the digest, so sh is named where it is run. */
const check = `ip -4 route show default | grep -q .
`;

/** After kill -9 the kernel would keep the address, on two members at once. */
const unit = (held: string, device: string): string => `[Unit]
Description=Address of the way out of the cluster, by Muster
Wants=network-online.target
After=network-online.target

[Service]
RuntimeDirectory=muster-gateway
ExecStart=/usr/sbin/keepalived --dont-fork --vrrp --log-console --use-file=${gatewayPaths.settings} --pid=/run/muster-gateway/pid --vrrp_pid=/run/muster-gateway/vrrp
ExecReload=/bin/kill -HUP $MAINPID
ExecStopPost=-/sbin/ip address del ${held} dev ${device}
KillMode=mixed
Restart=on-failure
RestartSec=1

[Install]
WantedBy=multi-user.target
`;
