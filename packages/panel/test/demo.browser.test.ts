import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDemo, type DemoServer } from './demo-server.ts';
import { launchBrowser } from './open-panel.ts';

/* The other tests of the panel run against a fake. This one opens the panel of a real server with real agents, as `npm start` gives it. */

let browser: Browser;
let page: Page;
let demo: DemoServer;
const complaints: string[] = [];
const strayRequests: string[] = [];

/** Processes that have the text in their command line. */
const processesOf = (text: string): string[] => readdirSync('/proc').filter((pid) => /^\d+$/u.test(pid) && commandLine(pid).includes(text));

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

beforeAll(async () => {
  demo = await startDemo();
  browser = await launchBrowser();
  page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  page.setDefaultTimeout(15_000);
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(new URL(demo.signInUrl).origin) && !request.url().startsWith('data:')) strayRequests.push(request.url());
  });
});

afterAll(async () => {
  await browser.close();
  await demo.stop();
});

describe('the panel of a real server', () => {
  it('signs in with the printed link and shows three good nodes with their facts', async () => {
    await page.goto(demo.signInUrl);
    await page.getByRole('heading', { name: 'Nodes' }).waitFor();
    expect(page.url()).not.toContain('token');
    for (const name of ['demo-1', 'demo-2', 'demo-3']) {
      const row = page.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) });
      await row.getByText('Good').waitFor();
      await row.getByText('Registered').waitFor();
      await expect.poll(() => row.innerText(), { timeout: 20_000 }).toMatch(/GiB/u);
    }
  });

  it('shows without a reload that an agent has ended', async () => {
    const agents = processesOf(join(demo.folder, '.muster', 'demo', 'demo-2'));
    expect(agents).toHaveLength(1);
    process.kill(Number(agents[0]), 'SIGKILL');
    const row = page.getByRole('row').filter({ has: page.getByRole('link', { name: 'demo-2', exact: true }) });
    await row.getByText('Bad').waitFor({ timeout: 40_000 });
    await row.getByText(/Not heard within/u).waitFor();
  });

  it('shows a node with its certificate and events', async () => {
    await page.getByRole('link', { name: 'demo-1', exact: true }).click();
    await page.getByRole('heading', { name: 'demo-1' }).waitFor();
    await page.getByText('In use').waitFor();
    await page.getByText('demo-1 is good (was unknown).').waitFor();
  });

  it('refuses the same link a second time and says what to do', async () => {
    const other = await browser.newContext();
    const second = await other.newPage();
    await second.goto(demo.signInUrl);
    await second
      .getByText(/no longer works|was used/u)
      .first()
      .waitFor({ timeout: 15_000 });
    await second
      .getByText(/sign-in-link/u)
      .first()
      .waitFor();
    await other.close();
  });

  it('wrote no complaint to the console and asked no other place for anything', () => {
    expect(complaints).toEqual([]);
    expect(strayRequests).toEqual([]);
  });
});
