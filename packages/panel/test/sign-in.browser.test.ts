import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sentinels } from '../fake/sentinels.ts';
import { account, makeWorld } from '../fake/world.ts';
import { closePanel, launchBrowser, openPanel, signIn, type OpenPanel } from './open-panel.ts';

let browser: Browser;
let panel: OpenPanel;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser.close();
});
beforeEach(async () => {
  panel = await openPanel(browser, { world: makeWorld({ good: 3, isNasty: false }) });
});
afterEach(async () => {
  const { complaints, strayRequests, fake } = panel;
  await closePanel(panel);
  expect({ complaints, strayRequests, faults: fake.faults }).toEqual({ complaints: [], strayRequests: [], faults: [] });
});

const heading = (name: string) => panel.page.getByRole('heading', { name, exact: true, level: 1 });
const field = (label: string) => panel.page.getByRole('textbox', { name: label, exact: true });
const openAccount = () => panel.page.getByRole('button', { name: /^Account/u }).click();
const choose = (name: string) => panel.page.getByRole('menuitem', { name }).click();

async function signInWithPassword(password: string): Promise<void> {
  await panel.page.getByRole('textbox', { name: 'E-mail' }).fill(account.email);
  await panel.page.getByRole('textbox', { name: 'Password' }).fill(password);
  await panel.page.getByRole('button', { name: 'Sign in' }).click();
}

describe('a one-time link', () => {
  it('signs in at once and leaves no token behind', async () => {
    const { page, fake } = panel;
    fake.world.tokens.add('once');
    await page.goto('/sign-in#token=once');
    await heading('Nodes').waitFor();
    expect(page.url()).toBe(`${fake.url}/nodes`);
    await page.goBack();
    expect(page.url()).not.toContain('once');
  });

  it('works once, and then says how to get another', async () => {
    const { page, fake } = panel;
    fake.world.tokens.add('once');
    await page.goto('/sign-in#token=once');
    await heading('Nodes').waitFor();
    await page.context().clearCookies();
    await page.goto('about:blank');
    await page.goto('/sign-in#token=once');
    const alert = page.getByRole('alert');
    await alert.waitFor();
    expect(await alert.textContent()).toContain('This link no longer works');
    expect(await alert.textContent()).toContain('muster sign-in-link');
    expect(page.url()).toBe(`${fake.url}/sign-in`);
    await signInWithPassword(account.password);
    await heading('Nodes').waitFor();
  });

  it('works when it is pasted into a sign-in page that is open already', async () => {
    const { page, fake } = panel;
    fake.world.tokens.add('pasted');
    await page.goto('/sign-in');
    await heading('Sign in').waitFor();
    await page.goto('/sign-in#token=pasted');
    await heading('Nodes').waitFor();
  });
});

describe('e-mail and password', () => {
  it('lead to where one wanted to go', async () => {
    const { page, fake } = panel;
    await page.goto('/nodes?health=bad');
    await heading('Sign in').waitFor();
    await signInWithPassword(account.password);
    await heading('Nodes').waitFor();
    expect(page.url()).toBe(`${fake.url}/nodes?health=bad`);
  });

  it('that are wrong are refused with the reason, and can be corrected', async () => {
    const { page } = panel;
    await page.goto('/sign-in');
    await signInWithPassword('wrong');
    await page.getByRole('alert').getByText('E-mail or password is wrong.').waitFor();
    await signInWithPassword(account.password);
    await heading('Nodes').waitFor();
  });

  it('sent to a server that is away say so', async () => {
    const { page, fake } = panel;
    await page.goto('/sign-in');
    await heading('Sign in').waitFor();
    fake.setTrouble('store-unavailable');
    await signInWithPassword(account.password);
    await page.getByRole('alert').getByText('The database cannot be reached').waitFor();
  });
});

describe('a session', () => {
  it('that ended leads to the sign-in page and back', async () => {
    const { fake } = panel;
    await signIn(panel, '/events');
    await heading('Events').waitFor();
    fake.world.sessions.clear();
    await heading('Sign in').waitFor();
    await signInWithPassword(account.password);
    await heading('Events').waitFor();
  });

  it('ends by signing out', async () => {
    const { fake } = panel;
    await signIn(panel);
    await openAccount();
    await choose('Sign out');
    await heading('Sign in').waitFor();
    expect(fake.world.sessions.size).toBe(0);
    await panel.page.goto('/nodes');
    await heading('Sign in').waitFor();
  });

  it('stays open, and says so, when signing out fails', async () => {
    const { page, fake } = panel;
    await signIn(panel);
    await openAccount();
    fake.setTrouble('store-unavailable');
    await choose('Sign out');
    await page.getByRole('dialog', { name: 'You are still signed in' }).waitFor();
  });
});

describe('the password', () => {
  const submit = () =>
    panel.page
      .getByRole('dialog')
      .getByRole('button', { name: /password$/u })
      .click();

  it('is changed after its fields were checked', async () => {
    const { page, fake } = panel;
    await signIn(panel);
    await openAccount();
    await choose('Change password');
    await submit();
    await page.getByText('Enter the password you have now.').waitFor();
    await field('Current password').fill('wrong');
    await field('New password').fill('a new long password');
    await field('New password again').fill('a new long passwort');
    await submit();
    await page.getByText('The two are not the same.').waitFor();
    await field('New password again').fill('a new long password');
    await submit();
    await page.getByText('The current password is wrong.').waitFor();
    await field('Current password').fill(account.password);
    await submit();
    await page.getByText('The new password is in force').waitFor();
    expect(fake.world.password).toBe('a new long password');
    await page.getByRole('dialog').getByText('Close', { exact: true }).click();
  });

  it('can be tried too often', async () => {
    await signIn(panel);
    await openAccount();
    await choose('Change password');
    await field('Current password').fill(sentinels.busyPassword);
    await field('New password').fill('a new long password');
    await field('New password again').fill('a new long password');
    await submit();
    await panel.page.getByText('Wait a minute, then try again.').waitFor();
  });

  it('is set without an old one by whoever came by a link', async () => {
    const { page, fake } = panel;
    fake.world.password = null;
    await signIn(panel);
    await openAccount();
    await choose('Set password');
    await field('New password').fill('a first long password');
    await field('New password again').fill('a first long password');
    await submit();
    await page.getByText('The new password is in force').waitFor();
    expect(fake.world.password).toBe('a first long password');
  });
});

describe('the theme', () => {
  const isDark = () => panel.page.evaluate(() => document.documentElement.classList.contains('pf-v6-theme-dark'));

  it('is chosen in the account menu and remembered', async () => {
    const { page } = panel;
    await signIn(panel);
    expect(await isDark()).toBe(false);
    await openAccount();
    await choose('Dark');
    expect(await isDark()).toBe(true);
    await page.reload();
    await heading('Nodes').waitFor();
    expect(await isDark()).toBe(true);
  });

  it('follows the system until one is chosen', async () => {
    const { page } = panel;
    await signIn(panel);
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.waitForFunction(() => document.documentElement.classList.contains('pf-v6-theme-dark'));
    await openAccount();
    await choose('Light');
    expect(await isDark()).toBe(false);
  });
});

it('says which version it is', async () => {
  await signIn(panel);
  await openAccount();
  await choose('About Muster');
  await panel.page.getByRole('dialog', { name: 'About Muster' }).getByText('0.1.0-fake').waitFor();
});
