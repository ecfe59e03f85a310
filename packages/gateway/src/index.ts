export { createGateway, type Gateway, type GatewayOptions } from './gateway.ts';
export { Presence, type Connection } from './presence.ts';
