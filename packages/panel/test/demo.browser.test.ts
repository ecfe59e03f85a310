import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { reachableFolder } from '@muster/testkit';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from './open-panel.ts';

/* The other tests of the panel run against a fake. This one opens the panel of a real server with real agents, as `npm start` gives it. */

const muster = join(import.meta.dirname, '..', '..', '..', 'bin', 'muster');
let folder: string;
let browser: Browser;
let page: Page;
let demo: ChildProcess;
let signInUrl = '';
const complaints: string[] = [];
const strayRequests: string[] = [];

async function freePort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return String(port);
}

async function startDemo(): Promise<void> {
  const env = {
    ...process.env,
    MUSTER_DATA_DIR: join(folder, '.muster'),
    MUSTER_HTTP_PORT: await freePort(),
    MUSTER_AGENTS_PORT: await freePort(),
  };
  const child = spawn(muster, ['up', '--demo', '3'], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  demo = child;
  let said = '';
  await new Promise<void>((resolve, reject) => {
    const note = (text: string) => {
      said += text;
      if (said.includes('Ctrl-C stops everything')) resolve();
    };
    child.stdout.setEncoding('utf8').on('data', note);
    child.stderr.setEncoding('utf8').on('data', note);
    child.on('close', () => reject(new Error(`the demonstration ended: ${said}`)));
  });
  signInUrl = /Sign in\s+(\S+)/u.exec(said)?.[1] ?? '';
}

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
  folder = await reachableFolder();
  await startDemo();
  browser = await launchBrowser();
  page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  page.setDefaultTimeout(15_000);
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(new URL(signInUrl).origin) && !request.url().startsWith('data:')) strayRequests.push(request.url());
  });
});

afterAll(async () => {
  await browser.close();
  const ended = new Promise((resolve) => demo.on('close', resolve));
  demo.kill('SIGINT');
  await ended;
  rmSync(folder, { recursive: true, force: true });
});

describe('the panel of a real server', () => {
  it('signs in with the printed link and shows three good nodes with their facts', async () => {
    await page.goto(signInUrl);
    await page.getByRole('heading', { name: 'Nodes' }).waitFor();
    expect(page.url()).not.toContain('token');
    for (const name of ['demo-1', 'demo-2', 'demo-3']) {
      const row = page.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) });
      await row.getByText('Good').waitFor();
      await row.getByText('Registered').waitFor();
      expect(await row.innerText()).toMatch(/GiB/u);
    }
  });

  it('shows without a reload that an agent has ended', async () => {
    const agents = processesOf(join(folder, '.muster', 'demo', 'demo-2'));
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
    await second.goto(signInUrl);
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
