import { machine } from 'node:os';
import { boundedText } from './bounded-text.ts';

/** The machine's architecture, as `uname -m` prints it: `x86_64`, `aarch64`. */
export const readArchitecture = (ask: () => string = machine): string => boundedText(ask(), 32);
