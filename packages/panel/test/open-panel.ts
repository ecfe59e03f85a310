import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { startFakeServer, type FakeServer } from '../fake/fake-server.ts';
import { sentinels } from '../fake/sentinels.ts';
import { makeWorld, type FakeWorld } from '../fake/world.ts';
import { buildPanel } from './build-panel.ts';

/** A browser with the panel of a fake server, and what went wrong inside it. */
export type OpenPanel = {
  readonly fake: FakeServer;
  readonly page: Page;
  /** Errors that the page wrote to its console or threw. */
  readonly complaints: string[];
  /** Requests to any other place than the server. */
  readonly strayRequests: string[];
};

/** Starts the browser, as one is needed for all tests of a file. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env['MUSTER_CHROMIUM'] ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

let built: Promise<string> | undefined;
/** One build a process: sources that change while tests run must not change what they test. */
const builtPanel = () => (built ??= buildPanel());

// What the browser itself writes when a call is answered with an error, or when the server is away: the panel cannot keep it from doing so.
const ownNoise = /Failed to load resource|net::ERR_/u;

/** Starts a fake server with the world and opens a page of it. */
export async function openPanel(
  browser: Browser,
  options: { world?: FakeWorld; context?: BrowserContextOptions; timeoutMs?: number } = {},
): Promise<OpenPanel> {
  const distFolder = await builtPanel();
  const fake = await startFakeServer({ distFolder, world: options.world ?? makeWorld({ good: 60, isNasty: true }) });
  const context = await browser.newContext({
    baseURL: fake.url,
    viewport: { width: 1440, height: 900 },
    timezoneId: 'UTC',
    locale: 'en-GB',
    ...options.context,
  });
  context.setDefaultTimeout(options.timeoutMs ?? 10_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  const strayRequests: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()) && !ownNoise.test(message.text())) complaints.push(message.text());
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(fake.url)) strayRequests.push(request.url());
  });
  return { fake, page, complaints, strayRequests };
}

/** Signs in with a one-time link and waits for the list. */
export async function signIn({ page }: OpenPanel, next = '/nodes'): Promise<void> {
  await page.goto(`/sign-in?next=${encodeURIComponent(next)}#token=${sentinels.goodToken}`);
  await page
    .getByRole('navigation', { name: 'Areas' })
    .or(page.getByRole('button', { name: 'Navigation' }))
    .first()
    .waitFor();
}

/** Closes the page and its server. */
export async function closePanel({ page, fake }: OpenPanel): Promise<void> {
  await page.context().close();
  await fake.stop().catch(() => undefined);
}

/** Whether the page is wider than the screen, so that it would scroll sideways. */
export const overflowPixels = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const widest = Math.max(
      document.documentElement.scrollWidth,
      ...[...document.querySelectorAll('main, header, [role=dialog]')].map((one) => one.scrollWidth),
    );
    return widest - window.innerWidth;
  });
