import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { startDemo } from './demo-server.ts';
import { launchBrowser } from './open-panel.ts';

/*
 * How the list of nodes does with 10,000 of them, in a real server and a real browser: `node_modules/.bin/node packages/panel/test/many-nodes.ts [NODES] [ROUNDS]`.
 * Prints medians: the list from a click to its first rows, a filter from the last key to its rows, and how long after the server's answer those stood.
 */

const muster = join(import.meta.dirname, '..', '..', '..', 'bin', 'muster');
const count = Number(process.argv[2] ?? 10_000);
const rounds = Number(process.argv[3] ?? 11);

/** Adds nodes by the command that `muster apply` uses, a thousand at a time. */
async function addNodes(folder: string): Promise<void> {
  for (let first = 0; first < count; first += 1000) {
    const list = Array.from({ length: Math.min(1000, count - first) }, (_, index) => {
      const number = first + index;
      return {
        name: `web${String(number).padStart(5, '0')}`,
        privateIp: `10.${20 + (number >> 16)}.${(number >> 8) & 255}.${number & 255}`,
        groups: [`rack${number % 40}`],
        labels: { zone: `z${number % 5}` },
        token: false,
      };
    });
    await run(['--socket', join(folder, '.muster', 'muster.sock'), 'node', 'ensure', '-'], JSON.stringify(list));
  }
}

function run(args: readonly string[], stdin: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(muster, args, { stdio: ['pipe', 'ignore', 'inherit'] });
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`muster ${args.join(' ')} ended with ${String(code)}`))));
    child.stdin.end(stdin);
  });
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Does something, and measures in the page until a row of this name stands there. */
async function untilRow(page: Page, name: string, work: () => Promise<void>): Promise<{ total: number; afterAnswer: number }> {
  const measured = page.evaluate(async (wanted) => {
    const startMs = performance.now();
    performance.clearResourceTimings();
    while (document.querySelector(`[role=grid] a[aria-label="${wanted}"]`) === null) await new Promise(requestAnimationFrame);
    const rowsMs = performance.now();
    const answers = performance.getEntriesByType('resource').filter(({ name: url }) => /\/nodes(?:\?|$)/u.test(url));
    const answerMs = Math.max(...answers.map((entry) => (entry as PerformanceResourceTiming).responseEnd).filter((end) => end <= rowsMs));
    return { total: rowsMs - startMs, afterAnswer: rowsMs - answerMs };
  }, name);
  await work();
  return measured;
}

const demo = await startDemo();
const browser = await launchBrowser();
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(demo.signInUrl);
  await page.getByRole('link', { name: 'demo-1', exact: true }).waitFor();
  await addNodes(demo.folder);
  const search = page.getByRole('textbox', { name: 'Search nodes by name' });
  const [first, filter]: { total: number; afterAnswer: number }[][] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    await page.getByRole('link', { name: 'Events', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Events' }).waitFor();
    first?.push(await untilRow(page, 'demo-1', () => page.getByRole('link', { name: 'Nodes', exact: true }).click()));
    const name = `web0${String(1234 + round * 7).padStart(4, '0')}`;
    filter?.push(await untilRow(page, name, () => search.fill(name)));
    await search.fill('');
    await page.getByRole('link', { name: 'demo-1', exact: true }).waitFor();
  }
  const ms = (list: readonly { total: number; afterAnswer: number }[] | undefined, what: 'total' | 'afterAnswer') =>
    `${median((list ?? []).map((one) => one[what])).toFixed(0)} ms`;
  process.stdout.write(`${count} nodes, ${rounds} rounds, medians\n`);
  process.stdout.write(`  list: first rows ${ms(first, 'total')} after the click\n`);
  process.stdout.write(
    `  filter: rows ${ms(filter, 'total')} after the last key, ${ms(filter, 'afterAnswer')} after the server's answer\n`,
  );
} finally {
  await browser.close();
  await demo.stop();
}
