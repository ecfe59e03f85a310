/* The agent is a program (main.ts); nothing imports it. This is what the program is made of, for the tests of its packaging. */
export { runCommandLine, type Output } from './command-line.ts';
