/* The agent is a program, and main.ts starts it; no other room imports it. */
export { runCommandLine, type Output } from './command-line.ts';
