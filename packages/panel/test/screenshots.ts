import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { makeWorld } from '../fake/handlers.ts';
import { closePanel, launchBrowser, openPanel, overflowPixels, signIn, type OpenPanel } from './open-panel.ts';

/** Pictures of every screen, wide and narrow, light and dark: `node packages/panel/test/screenshots.ts [FOLDER]`. */
const folder = process.argv[2] ?? join(import.meta.dirname, '..', 'dist-screenshots');

type Shot = {
  name: string;
  path: string;
  world?: () => ReturnType<typeof makeWorld>;
  isSignedOut?: boolean;
  prepare?: (panel: OpenPanel) => Promise<void>;
};

const shots: Shot[] = [
  { name: 'sign-in', path: '/sign-in', isSignedOut: true },
  { name: 'sign-in-used-link', path: '/sign-in#token=used', isSignedOut: true },
  { name: 'nodes', path: '/nodes?sort=health' },
  { name: 'nodes-filtered', path: '/nodes?name=worker&registration=registered&sort=-memoryBytes' },
  { name: 'nodes-none', path: '/nodes', world: () => makeWorld({ good: 0, isNasty: false }) },
  { name: 'nodes-bad-key', path: '/nodes?sort=colour' },
  { name: 'node', path: '/nodes/worker-004.cluster.example.org' },
  { name: 'node-degraded', path: '/nodes/gpu-901.cluster.example.org' },
  { name: 'node-unheard', path: '/nodes/worker-902.cluster.example.org' },
  { name: 'node-mismatch', path: '/nodes/renamed-906.cluster.example.org' },
  { name: 'node-hostile', path: '/nodes/hostile-904' },
  { name: 'node-new', path: '/nodes/new-903' },
  { name: 'events', path: '/events' },
  { name: 'account', path: '/nodes', prepare: async ({ page }) => page.getByRole('button', { name: /^Account/u }).click() },
  {
    name: 'password',
    path: '/nodes',
    prepare: async ({ page }) => {
      await page.getByRole('button', { name: /^Account/u }).click();
      await page.getByRole('menuitem', { name: 'Change password' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Change password' }).click();
    },
  },
  {
    name: 'about',
    path: '/nodes',
    prepare: async ({ page }) => {
      await page.getByRole('button', { name: /^Account/u }).click();
      await page.getByRole('menuitem', { name: 'About Muster' }).click();
    },
  },
  {
    name: 'lost',
    path: '/nodes',
    prepare: async ({ page, fake }) => {
      await fake.stop();
      await page.getByText('The server cannot be reached').waitFor();
    },
  },
];

async function take(browser: Browser, shot: Shot, width: number, colorScheme: 'light' | 'dark'): Promise<void> {
  const panel = await openPanel(browser, {
    world: shot.world?.() ?? makeWorld({ good: 60, isNasty: true }),
    context: { viewport: { width, height: width < 700 ? 844 : 900 }, colorScheme },
  });
  const { page } = panel;
  if (shot.isSignedOut) await page.goto(shot.path);
  else await signIn(panel, shot.path);
  await page.waitForLoadState('load');
  await page
    .getByRole('progressbar')
    .waitFor({ state: 'detached' })
    .catch(() => undefined);
  await page.waitForTimeout(500);
  await shot.prepare?.(panel);
  await page.waitForTimeout(400);
  const overflow = await overflowPixels(page);
  const file = `${shot.name}-${width}-${colorScheme}.png`;
  await page.screenshot({ path: join(folder, file) });
  process.stdout.write(
    `${file}${overflow > 0 ? ` too wide by ${overflow} px` : ''}${[...panel.complaints, ...panel.fake.faults].map((one) => ` ${one}`).join(' |')}\n`,
  );
  await closePanel(panel);
}

await mkdir(folder, { recursive: true });
const only = process.env['SHOTS']?.split(',');
const browser = await launchBrowser();
for (const shot of shots.filter(({ name }) => only === undefined || only.includes(name))) {
  for (const width of [1440, 390]) {
    for (const colorScheme of ['light', 'dark'] as const) await take(browser, shot, width, colorScheme);
  }
}
await browser.close();
