import { hostname, userInfo } from 'node:os';

/** Who runs a command that works on hosts, for others who would like to meanwhile. */
export const runHolder = (command: string): string =>
  `${userInfo().username}@${hostname()}, muster ${command} since ${new Date().toISOString().slice(0, 19)}Z, process ${process.pid}`;
