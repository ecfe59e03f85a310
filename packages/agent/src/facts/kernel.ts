import { release } from 'node:os';
import { boundedText } from './bounded-text.ts';

/** Release of the running kernel, as `uname -r` prints it. */
export const readKernel = (ask: () => string = release): string => boundedText(ask(), 200);
