import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sentinels } from '../fake/sentinels.ts';
import { makeWorld } from '../fake/world.ts';
import { closePanel, launchBrowser, openPanel, overflowPixels, signIn, type OpenPanel } from './open-panel.ts';

let browser: Browser;
let panel: OpenPanel;
let page: Page;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser.close();
});
beforeEach(async () => {
  panel = await openPanel(browser);
  page = panel.page;
});
afterEach(async () => {
  const { complaints, strayRequests, fake } = panel;
  await closePanel(panel);
  expect({ complaints, strayRequests, faults: fake.faults }).toEqual({ complaints: [], strayRequests: [], faults: [] });
});

const rows = () => page.getByRole('grid', { name: 'Nodes' }).getByRole('row');
const row = (name: string) => rows().filter({ has: page.getByRole('link', { name, exact: true }) });
const cell = (name: string, title: string) => row(name).locator(`[data-label="${title}"]`);
const names = () =>
  page
    .getByRole('grid', { name: 'Nodes' })
    .getByRole('link')
    .evaluateAll((links) => links.map((link) => link.getAttribute('aria-label')));
const filterBy = async (name: string) => {
  await page.getByRole('button', { name: 'Filters', exact: true }).click();
  await page.getByRole('menuitem', { name, exact: true }).click();
  await page.keyboard.press('Escape');
};
const sortBy = (title: string) => page.getByRole('columnheader', { name: title }).getByRole('button').click();
const total = (count: string) => page.getByRole('status').getByText(count).waitFor();

describe('the list', () => {
  it('shows every field of a node', async () => {
    await signIn(panel);
    const name = 'worker-012.cluster.example.org';
    await row(name).waitFor();
    const text = async (title: string) => (await cell(name, title).innerText()).replaceAll(/\s+/gu, ' ').trim();
    expect(await text('Hostname')).toBe('worker-012 .cluster.example.org');
    expect(await text('Health')).toBe('Good');
    expect(await text('Heartbeat')).toMatch(/^\d+ s ago$/u);
    expect(await text('Private IP')).toBe('10.20.0.13');
    expect(await text('Public IP')).toBe('203.0.113.12');
    expect(await text('Registration')).toBe('Registered');
    expect(await text('Credential')).toMatch(/^3fa91c0c7c41 until 21 Dec 2026$/u);
    expect(await text('Last rotation')).toBe('1 Jan 2026');
    expect(await text('Scheduling')).toBe('Open');
    expect(await text('Cores')).toBe('128');
    expect(await text('Memory')).toBe('1 TiB');
    expect(await text('GPUs')).toBe('8 NVIDIA A100-SXM4-80GB');
    expect(await text('Environments')).toBe('On');
  });

  it('says what is not known, and why a node is not good', async () => {
    await signIn(panel, '/nodes?sort=health');
    await row('new-903').waitFor();
    expect(await cell('new-903', 'Health').innerText()).toContain('the agent has not enrolled yet');
    expect(await cell('new-903', 'Heartbeat').innerText()).toBe('never');
    expect(await cell('new-903', 'Cores').textContent()).toContain('the agent has not reported yet');
    expect(await cell('new-903', 'Registration').innerText()).toContain('Pending');
    expect((await cell('hostile-904', 'Health').innerText()).trim()).toBe('Good');
    const degraded = cell('gpu-901.cluster.example.org', 'Health');
    expect(await degraded.innerText()).toContain('slurmd.service is failed (exit-code) (and 1 more)');
    await degraded.getByText('Degraded').hover();
    await page.getByRole('tooltip').getByText('the certificate ends in 9 days').waitFor();
  });

  it('counts the age of a heartbeat on by itself', async () => {
    await signIn(panel);
    const age = cell('worker-001.cluster.example.org', 'Heartbeat');
    await age.getByText('1 s ago').waitFor();
    await age.getByText('3 s ago').waitFor();
  });

  it('shows other columns on demand and remembers them', async () => {
    await signIn(panel);
    await page.getByRole('button', { name: 'Columns' }).click();
    await page.getByRole('menuitem', { name: 'Agent version', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Public IP' }).click();
    await page.reload();
    await page.getByRole('columnheader', { name: 'Agent version' }).waitFor();
    expect(await page.getByRole('columnheader', { name: 'Public IP' }).count()).toBe(0);
  });
});

describe('sorting', () => {
  it('goes by a column, both ways, and is kept in the address', async () => {
    await signIn(panel);
    await sortBy('Health');
    await page.waitForURL(/sort=health/u);
    await expect.poll(async () => (await names())[0], { timeout: 10_000 }).toBe('worker-902.cluster.example.org');
    await sortBy('Health');
    await page.waitForURL(/sort=-health/u);
    await expect.poll(async () => (await names())[0], { timeout: 10_000 }).not.toBe('worker-902.cluster.example.org');
    await page.reload();
    await rows().first().waitFor();
    expect(await page.getByRole('columnheader', { name: 'Health' }).getAttribute('aria-sort')).toBe('descending');
  });

  it('by a key that is none tells the good ones and the way back', async () => {
    await signIn(panel, '/nodes?sort=colour');
    await page.getByText('good keys: name').first().waitFor();
    await page.getByRole('button', { name: 'Show all nodes, sorted by name' }).click();
    await row('gpu-901.cluster.example.org').waitFor();
  });
});

describe('filters', () => {
  it('search by name while one types', async () => {
    await signIn(panel);
    await page.getByRole('textbox', { name: 'Search nodes by name' }).fill('worker-01');
    await total('10 nodes');
    expect(page.url()).toContain('name=worker-01');
    await page.getByRole('button', { name: 'Clear all filters' }).first().click();
    await total('71 nodes');
    expect(await page.getByRole('textbox', { name: 'Search nodes by name' }).inputValue()).toBe('');
  });

  it('search by address', async () => {
    await signIn(panel);
    await page.getByRole('button', { name: 'Search by: Name' }).click();
    await page.getByRole('option', { name: 'Private IP' }).click();
    await page.getByRole('textbox', { name: 'Search nodes by private ip' }).fill('2001:db8:85a3');
    await total('1 node');
  });

  it('by health with a click on its count, and back with another', async () => {
    await signIn(panel);
    const bad = page.getByRole('button', { name: 'Bad 4' });
    await bad.click();
    await total('4 nodes');
    expect(await names()).toEqual([902, 913, 914, 915].map((number) => `worker-${number}.cluster.example.org`));
    expect(await bad.getAttribute('aria-pressed')).toBe('true');
    await bad.click();
    await total('71 nodes');
  });

  it('add up, each with its way out', async () => {
    await signIn(panel);
    await filterBy('Registered');
    await filterBy('Off');
    await page.waitForURL(/registration=registered.*environments=off|environments=off.*registration=registered/u);
    await page.getByRole('button', { name: 'Close Off' }).click();
    await total('70 nodes');
  });

  it('that nothing passes say so', async () => {
    await signIn(panel, '/nodes?name=nowhere');
    await page.getByRole('heading', { name: 'No node matches' }).waitFor();
    await page.getByRole('button', { name: 'Clear all filters' }).last().click();
    await total('71 nodes');
  });

  it('on which the server fails show its words', async () => {
    await signIn(panel, `/nodes?name=${sentinels.failingName}`);
    await page.getByText('The list could not be made (fault 4711).').first().waitFor();
  });
});

describe('an installation without nodes', () => {
  it('says how the first ones come', async () => {
    panel.fake.world.nodes = [];
    await signIn(panel);
    await page.getByRole('heading', { name: 'No nodes yet' }).waitFor();
    expect(await page.getByRole('textbox', { name: 'Command that applies an inventory' }).inputValue()).toBe(
      'muster apply -i inventory.ini',
    );
    panel.fake.world.nodes = makeWorld({ good: 1, isNasty: false }).nodes;
    await row('worker-001.cluster.example.org').waitFor();
  });
});

describe('by keyboard alone', () => {
  it('one skips to the content, sorts, and opens a node', async () => {
    await signIn(panel);
    await row('gpu-901.cluster.example.org').waitFor();
    await page.keyboard.press('Tab');
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent), { timeout: 10_000 }).toBe('Skip to content');
    await page.getByRole('columnheader', { name: 'Cores' }).getByRole('button').focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(/sort=cores/u);
    await expect.poll(async () => (await names())[0], { timeout: 10_000 }).toBe('renamed-906.cluster.example.org');
    await row('renamed-906.cluster.example.org').getByRole('link').focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'renamed-906.cluster.example.org', level: 1 }).waitFor();
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
  });
});

describe('at 390 pixels', () => {
  it.each(['/nodes', '/nodes?name=worker&registration=registered', '/nodes/gpu-901.cluster.example.org', '/nodes/hostile-904', '/events'])(
    '%s does not scroll sideways',
    async (path) => {
      await page.setViewportSize({ width: 390, height: 844 });
      await signIn(panel, path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.getByRole('grid').first().waitFor();
      expect(await overflowPixels(page)).toBeLessThanOrEqual(0);
    },
  );

  it('one sorts and filters all the same', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await signIn(panel);
    await page.getByRole('combobox', { name: 'Sort by' }).selectOption('-memoryBytes');
    await page.waitForURL(/sort=-memoryBytes/u);
    await filterBy('Off');
    await page.waitForURL(/environments=off/u);
  });
});
