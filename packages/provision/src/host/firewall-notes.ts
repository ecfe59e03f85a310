import { undoFolder } from './undo-notes.ts';

/** Firewalls that hosts run themselves and that a run opens where they are active. */
export const firewalls = ['ufw', 'firewalld'] as const;
export type Firewall = (typeof firewalls)[number];

/** Which rules of a firewall a run has added: one a line, each written before the rule is added. Only these are ever taken away. */
export const firewallNotes = `${undoFolder}/firewall`;

/** What a zone of firewalld was like before the first rule of a run: its files, and as `ZONE.list` what firewalld said of it. */
export const zoneNotes = `${undoFolder}/firewalld`;
