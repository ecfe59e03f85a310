import { describe, expect, it } from 'vitest';
import { fakeEvent } from '../fake/fake-nodes.ts';
import { loseServer, promotionLoss } from '../fake/fake-pool.ts';
import { withPanel } from './with-panel.ts';

const patience = { timeout: 20_000 };

describe('the page of the pool', () => {
  const panel = withPanel();
  const open = async () => {
    await panel.open('/pool');
    await panel.heading('Pool');
  };
  const row = (name: string) => panel.row('Servers', name);
  const act = async (name: string, item: string) => {
    await panel.button(`Actions on ${name}`).click();
    await panel.page.getByRole('menuitem', { name: item }).click();
  };
  const happens = (kind: 'member-lost' | 'member-promoted') =>
    panel.fake.push(fakeEvent(131, { kind, nodeId: null, nodeName: null, message: 'Something happened to a server.' }));

  it('shows each server, its copy of the database and how far that is behind, and what it does', async () => {
    await panel.open('/nodes');
    await panel.page.getByRole('link', { name: 'Pool' }).click();
    await panel.heading('Pool');
    await panel.page.getByText('What is acknowledged is in two copies of the database at least').waitFor();
    const texts = await Promise.all(['driver1', 'driver2', 'driver3'].map((name) => row(name).innerText()));
    expect(texts[0]).toMatch(/zone rack1, answers here[^]*There[^]*20[^]*Primary[^]*administration, health, retention[^]*0\.1\.0/u);
    expect(texts[1]).toMatch(/Replica, synchronous[^]*in step[^]*1\.2 s behind/u);
    expect(texts[2]).toMatch(/no write waits for it, 12 MiB or 4 s behind/u);
  });

  it('turns at an event, and says unprotected while only one copy exists', async () => {
    await open();
    loseServer(panel.world);
    happens('member-lost');
    await panel.page.getByText('The database is unprotected: there is only one copy').waitFor();
    await row('driver2').getByText('Gone for 1 min').waitFor();
    await panel.page.getByText('Nobody does at the moment: retention, samples.').waitFor();
  });

  it('drains a server after asking, and undrains it', async () => {
    await open();
    await act('driver2', 'Drain');
    await panel.dialog('Drain driver2').getByRole('button', { name: 'Drain', exact: true }).click();
    await row('driver2').getByText('Draining').waitFor();
    await act('driver2', 'Undrain');
    await panel.dialog('Undrain driver2').getByRole('button', { name: 'Undrain' }).click();
    await row('driver2').getByText('There', { exact: true }).waitFor();
  });

  it('moves nodes by range; what is wrong with it is said in the dialog', async () => {
    await open();
    await panel.button('Move nodes').click();
    const dialog = panel.dialog('Move nodes');
    const submit = dialog.getByRole('button', { name: 'Move nodes' });
    await dialog.getByLabel('Nodes').fill('worker-[001');
    await expect.poll(() => dialog.getByLabel('Nodes').getAttribute('aria-invalid'), patience).toBe('true');
    expect(await submit.isDisabled()).toBe(true);
    await dialog.getByLabel('Nodes').fill('wroker-1');
    await dialog.getByLabel('To server').selectOption('driver2');
    await submit.click();
    await dialog.getByText('wroker-1').first().waitFor();
    await dialog.getByLabel('Nodes').fill('worker-[001-003].cluster.example.org');
    await submit.click();
    await panel.page.getByText('worker-[001-003].cluster.example.org: to driver2').waitFor();
    expect(await dialog.count()).toBe(0);
  });

  it('does not move nodes to a server that gives its own away, and says why', async () => {
    panel.world.pool.members[1]!.state = 'draining';
    await open();
    await panel.button('Move nodes').click();
    const dialog = panel.dialog('Move nodes');
    await dialog.getByLabel('Nodes').fill('worker-001.cluster.example.org');
    await dialog.getByLabel('To server').selectOption('driver2');
    await dialog.getByRole('button', { name: 'Move nodes' }).click();
    await dialog.getByText('driver2 is draining').waitFor();
  });

  it('makes a server the primary after asking, and shows how that goes on', async () => {
    await open();
    await act('driver2', 'Make it the primary');
    await panel.dialog('Make driver2 the primary').getByRole('button', { name: 'Make it the primary' }).click();
    await panel.page.getByText('driver1 hands the primary over to driver2.').waitFor();
    await panel.button('Actions on driver3').click();
    await panel.page.getByRole('menuitem', { name: 'Make it the primary' }).getByText('The promotion of driver2 is under way.').waitFor();
    const { pool } = panel.world;
    pool.promotion = { ...pool.promotion!, state: 'done' };
    const [first, second, third] = pool.database.copies;
    pool.database.copies = [
      { ...second!, place: first!.place, memberId: first!.memberId },
      { ...first!, place: second!.place, memberId: second!.memberId },
      third!,
    ];
    happens('member-promoted');
    await row('driver2').getByText('Primary', { exact: true }).waitFor();
    await row('driver1').getByText('Replica, synchronous').waitFor();
    expect(await panel.page.getByText('is being made the primary').filter({ visible: true }).count()).toBeLessThan(2);
  });

  it('loses what a copy lacks only after the figure was shown and the name typed', async () => {
    panel.world.promotionLoses = promotionLoss;
    await open();
    await act('driver2', 'Make it the primary');
    const dialog = panel.dialog('Make driver2 the primary');
    await dialog.getByRole('button', { name: 'Make it the primary' }).click();
    await dialog.getByText('it lacks 4096 bytes').waitFor();
    const submit = dialog.getByRole('button', { name: 'Promote, and lose that' });
    expect(await submit.isDisabled()).toBe(true);
    await dialog.getByLabel("Type the server's name to lose what it lacks").fill('driver2');
    await submit.click();
    await panel.page.getByText('driver1 hands the primary over to driver2.').waitFor();
  });

  it('says what became of a promotion that failed', async () => {
    await open();
    await act('driver2', 'Make it the primary');
    await panel.dialog('Make driver2 the primary').getByRole('button', { name: 'Make it the primary' }).click();
    await panel.page.getByText('driver1 hands the primary over to driver2.').waitFor();
    const { pool } = panel.world;
    pool.promotion = { ...pool.promotion!, state: 'failed', message: 'Another promotion won: driver3 is the primary now.' };
    await panel.page.getByText('driver2 was not made the primary').waitFor();
    await panel.page.getByText('Another promotion won: driver3 is the primary now.').waitFor();
  });

  it('removes a server that is gone after its name was typed, and none that is there', async () => {
    await open();
    await panel.button('Actions on driver3').click();
    await panel.page.getByRole('menuitem', { name: 'Remove' }).getByText('driver3 is still there.').waitFor();
    await panel.page.keyboard.press('Escape');
    loseServer(panel.world);
    happens('member-lost');
    await row('driver3').getByText('Gone for').waitFor();
    await act('driver3', 'Remove');
    const dialog = panel.dialog('Remove driver3');
    expect(await dialog.getByRole('button', { name: 'Remove server' }).isDisabled()).toBe(true);
    await dialog.getByLabel("Type the server's name to confirm").fill('driver3');
    await dialog.getByRole('button', { name: 'Remove server' }).click();
    await expect.poll(() => row('driver3').count(), patience).toBe(0);
  });

  it('is to look at only for whoever may not change it, with the reason', async () => {
    panel.world.role = 'operator';
    await open();
    await panel.button('Actions on driver2').click();
    await panel.page.getByRole('menuitem', { name: 'Drain' }).getByText('it takes the role administrator').waitFor();
    await panel.page.keyboard.press('Escape');
    await panel.button('Move nodes').hover();
    await panel.page.getByRole('tooltip').getByText('it takes the role administrator').waitFor();
  });
});
