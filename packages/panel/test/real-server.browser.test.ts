import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDemo, type DemoServer } from './demo-server.ts';
import { launchBrowser } from './open-panel.ts';

/*
 * What source-page.browser.test.ts does against the fake, done once more with a real server, its database and three real agents. The
 * machine of a demonstration has no control account, so what goes over SSH ends with the line to run by hand; it is asked for all the same.
 */

let browser: Browser;
let page: Page;
let demo: DemoServer;
const complaints: string[] = [];
beforeAll(async () => {
  demo = await startDemo();
  browser = await launchBrowser();
  page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  page.setDefaultTimeout(20_000);
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  await page.goto(demo.signInUrl);
  for (const name of all) await cell(name, 'Health').getByText('Good').waitFor();
});
afterAll(async () => {
  await browser.close();
  await demo.stop();
});

/** A busy machine may take its time. */
const patient = { timeout: 30_000 };
const all = ['demo-1', 'demo-2', 'demo-3'];
const grid = () => page.getByRole('grid', { name: 'Nodes' });
const row = (name: string) =>
  grid()
    .getByRole('row')
    .filter({ has: page.getByRole('link', { name, exact: true }) });
const cell = (name: string, title: string) => row(name).locator(`[data-label="${title}"]`);
const text = async (name: string, title: string) => (await cell(name, title).innerText()).replaceAll(/\s+/gu, ' ').trim();
const shown = () =>
  grid()
    .getByRole('link')
    .evaluateAll((links) => links.map((link) => link.getAttribute('aria-label')));
const dialog = (name: string) => page.getByRole('dialog', { name });
const actions = () => page.getByRole('toolbar', { name: 'Actions on the selected nodes' });

/** Opens the list afresh and selects the nodes. */
async function select(...names: string[]): Promise<void> {
  await page.getByRole('link', { name: 'Nodes', exact: true }).click();
  const clear = actions().getByRole('button', { name: 'Clear', exact: true });
  await row('demo-1').waitFor();
  if (await clear.isVisible()) await clear.click();
  for (const name of names) await page.getByRole('checkbox', { name: `Select ${name}`, exact: true }).check();
}

async function choose(menu: string, item: string): Promise<void> {
  await actions().getByRole('button', { name: menu, exact: true }).click();
  await page.getByRole('menuitem', { name: item }).click();
}

/** Confirms the dialog and goes to the operation that it started. */
async function confirmAndWatch(title: string, submit = title): Promise<void> {
  await dialog(title).getByRole('button', { name: submit, exact: true }).click();
  await page.getByRole('link', { name: 'Watch it' }).last().click();
  await page.getByRole('heading', { level: 1 }).waitFor();
}

describe('the list of a real server', () => {
  it('shows credential, registration, environments, health, heartbeat and facts', async () => {
    expect(await text('demo-1', 'Credential')).toMatch(/^[0-9a-f]{12} until \d+ \w+ \d{4}$/u);
    expect(await text('demo-1', 'Registration')).toBe('Registered');
    expect(await text('demo-1', 'Environments')).toBe('On');
    expect(await text('demo-1', 'Heartbeat')).toMatch(/^\d+ s ago$/u);
    expect(Number(await text('demo-1', 'Cores'))).toBeGreaterThan(0);
    expect(await text('demo-1', 'Memory')).toMatch(/[GT]iB$/u);
  });

  it('sorts by hostname, both ways', async () => {
    await page.getByRole('columnheader', { name: 'Hostname' }).getByRole('button').click();
    await expect.poll(shown, patient).toEqual(all.toReversed());
    await page.getByRole('columnheader', { name: 'Hostname' }).getByRole('button').click();
    await expect.poll(shown, patient).toEqual(all);
  });

  it('filters by name and by health', async () => {
    const search = page.getByRole('textbox', { name: 'Search nodes by name' });
    await search.fill('demo-2');
    await expect.poll(shown, patient).toEqual(['demo-2']);
    await search.fill('');
    await expect.poll(shown, patient).toEqual(all);
    await page.getByRole('button', { name: 'Good 3' }).click();
    await expect.poll(shown, patient).toEqual(all);
    await page.getByRole('button', { name: 'Good 3' }).click();
  });
});

describe('a node of a real server', () => {
  it('is added, and its join line shown', async () => {
    await page.getByRole('button', { name: 'Add new node', exact: true }).click();
    await page.getByRole('textbox', { name: 'Hostname' }).fill('brought');
    await page.getByRole('textbox', { name: 'Private IP' }).fill('10.77.0.1');
    await page.getByRole('button', { name: 'Add node', exact: true }).click();
    const added = dialog('brought is added');
    expect(await added.getByRole('region', { name: 'One line' }).innerText()).toMatch(/muster-agent enroll/u);
    await added.getByRole('button', { name: 'Close', exact: true }).last().click();
    await cell('brought', 'Registration').getByText('Pending').waitFor();
    expect(await text('brought', 'Heartbeat')).toBe('never');
  });

  it('is removed after its name was typed', async () => {
    await select('brought');
    await actions().getByRole('button', { name: 'Remove', exact: true }).click();
    const submit = dialog('Remove node').getByRole('button', { name: 'Remove node', exact: true });
    expect(await submit.isDisabled()).toBe(true);
    await dialog('Remove node').getByRole('textbox').fill('brought');
    await submit.click();
    await row('brought').waitFor({ state: 'detached' });
  });
});

describe('selected nodes of a real server', () => {
  it('rotate their certificates, and show the new ones', async () => {
    await select('demo-1', 'demo-2');
    const before = [await text('demo-1', 'Credential'), await text('demo-2', 'Credential'), await text('demo-3', 'Credential')];
    await actions().getByRole('button', { name: 'Rotate host keys', exact: true }).click();
    await confirmAndWatch('Rotate host keys');
    await page.getByRole('link', { name: 'Nodes', exact: true }).click();
    await expect.poll(() => text('demo-1', 'Credential'), patient).not.toBe(before[0]);
    await expect.poll(() => text('demo-2', 'Credential'), patient).not.toBe(before[1]);
    expect(await text('demo-3', 'Credential')).toBe(before[2]);
    expect(await text('demo-1', 'Health')).toBe('Good');
  });

  it.each(['Restart agent', 'Stop agent', 'Start agent'])('%s: gives the line to run by hand where SSH is not possible', async (action) => {
    await select('demo-1', 'demo-3');
    await actions().getByRole('button', { name: action, exact: true }).click();
    await confirmAndWatch(action);
    await page.getByText('the server has no way to it over SSH').first().waitFor();
    await page
      .getByText(/By hand: ssh demo-\d sudo systemctl/u)
      .first()
      .waitFor();
  });

  it.each(['Start', 'Stop', 'Restart'])('%s a service', async (action) => {
    await select('demo-1', 'demo-2');
    await choose('Run', 'Restart service');
    const asking = dialog('Restart service');
    await asking.getByRole('textbox', { name: 'Service' }).fill('not-there.service');
    await asking.getByRole('radio', { name: action, exact: true }).check();
    await confirmAndWatch('Restart service', `${action} service`);
    // Agents of a demonstration have no systemd: each says so, and the operation has failed on both.
    await page.getByText('This machine has no systemd.').first().waitFor();
    await page.getByRole('heading', { level: 1, name: `${action.toLowerCase()} not-there.service` }).waitFor();
  });

  it('have their environments switched off and on, and synced', async () => {
    await select('demo-2');
    await choose('Environments', 'Environments off');
    await dialog('Environments off').getByRole('button', { name: 'Environments off', exact: true }).click();
    await cell('demo-2', 'Environments').getByText('Off').waitFor();
    expect(await text('demo-1', 'Environments')).toBe('On');
    await choose('Environments', 'Environments on');
    await dialog('Environments on').getByRole('button', { name: 'Environments on', exact: true }).click();
    await cell('demo-2', 'Environments').getByText('On').waitFor();
    await choose('Environments', 'Sync environments');
    await dialog('Sync environments').getByRole('button', { name: 'Sync environments', exact: true }).click();
    await page.getByText('Nothing to sync: they are level').waitFor();
  });

  it('were worked on without a complaint of the browser', () => expect(complaints).toEqual([]));
});
