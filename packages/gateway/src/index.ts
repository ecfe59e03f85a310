export { createGateway, type Gateway } from './gateway.ts';
export type { Authorities, DoorIdentity, GatewayOptions, NumberedAuthority } from './gateway-options.ts';
export type { JournalPort, JournalViewer, JournalWish, OpenJournal } from './journals.ts';
export type { MemberRequests } from './member-door.ts';
export type { Connection, Presence } from './presence.ts';
export type { ArtifactSource } from './artifact-downloads.ts';
