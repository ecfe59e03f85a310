import { RuleTester } from 'oxlint/plugins-dev';
import { describe, it } from 'vitest';
import { root } from './project.ts';
import { pureCoreRule } from './pure-core.ts';

RuleTester.describe = describe;
RuleTester.it = it;
const tester = new RuleTester({ cwd: root, languageOptions: { parserOptions: { lang: 'ts' } } });
const inCore = { filename: 'packages/core/src/decide.ts' };
const closed = (code: string, what: RegExp) => ({ ...inCore, code, errors: [what] });

tester.run('pure-core', pureCoreRule, {
  valid: [
    { ...inCore, code: 'export const day = (ms: number) => new Date(ms).toISOString();' },
    { ...inCore, code: 'export const at = (text: string): Date => new Date(Date.parse(text) + Date.UTC(2020, 1));' },
    { ...inCore, code: 'export const isDate = (value: unknown) => value instanceof Date;' },
    { ...inCore, code: 'export const most = Math.max(...[1, 2].map((one) => Math.floor(one)));' },
    { ...inCore, code: 'export const now = (clock: { now(): number }) => clock.now();' },
    { ...inCore, code: 'export function wait(setTimeout: (ms: number) => void) { setTimeout(5); }' },
    { ...inCore, code: 'export const own = { process: 1, console: 2 }; export const read = own.process;' },
    { ...inCore, filename: 'packages/core/src/decide.test.ts', code: 'export const now = Date.now();' },
    { ...inCore, filename: 'packages/gateway/src/gateway.ts', code: 'export const now = Date.now();' },
  ],
  invalid: [
    closed('export const now = Date.now();', /'Date\.now'/u),
    closed("export const now = Date['now']();", /computed member of 'Date'/u),
    closed('export const now = new Date();', /'new Date\(\)'/u),
    closed('export const now = Date();', /'Date' handed on/u),
    closed('const D = Date; export const now = D.now();', /'Date' handed on/u),
    closed('const { now } = Date; export { now };', /'Date' handed on/u),
    closed('export const now = performance.now();', /'performance'/u),
    closed('setTimeout(() => undefined, 5);', /'setTimeout'/u),
    closed('setInterval(() => undefined, 5);', /'setInterval'/u),
    closed('setImmediate(() => undefined);', /'setImmediate'/u),
    closed('queueMicrotask(() => undefined);', /'queueMicrotask'/u),
    closed('export const signal = AbortSignal.timeout(5);', /'AbortSignal\.timeout'/u),
    closed("export const answer = fetch('http://localhost');", /'fetch'/u),
    closed("export const socket = new WebSocket('ws://localhost');", /'WebSocket'/u),
    closed('export const dice = Math.random();', /'Math\.random'/u),
    closed('const { random } = Math; export { random };', /'Math' handed on/u),
    closed('export const id = crypto.randomUUID();', /'crypto'/u),
    closed('export const home = process.env;', /'process'/u),
    closed("console.log('here');", /'console'/u),
    closed('export const now = globalThis.Date.now();', /'globalThis'/u),
    closed('export const now = global.Date.now();', /'global'/u),
    closed('export const here = import.meta.dirname;', /import\.meta/u),
    closed("export const os = require('os');", /'require'/u),
    closed("export const run = new Function('return Date.now()');", /'Function'/u),
    closed('export const order = new Intl.Collator();', /'Intl'/u),
  ],
});
