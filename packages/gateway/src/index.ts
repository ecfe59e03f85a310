export { createGateway, type Gateway } from './gateway.ts';
export type { DoorIdentity, GatewayOptions } from './gateway-options.ts';
export type { Connection, Presence } from './presence.ts';
