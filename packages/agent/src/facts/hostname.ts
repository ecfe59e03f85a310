import { hostname } from 'node:os';
import { boundedText } from './bounded-text.ts';

/** The name the kernel gives the machine; short or full, as its administrator set it. */
export const readHostname = (ask: () => string = hostname): string => boundedText(ask(), 253);
