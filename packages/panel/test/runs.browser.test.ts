import { describe, expect, it } from 'vitest';
import { fakeEvent } from '../fake/fake-nodes.ts';
import { withPanel } from './with-panel.ts';

const patience = { timeout: 20_000 };

describe('a run from the panel', () => {
  const panel = withPanel();
  const dialog = () => panel.dialog('Start a run');
  const openDialog = async () => {
    await panel.open('/runs');
    await panel.button('Start a run').click();
    await dialog().getByLabel('Inventory').selectOption('production');
  };

  it('is a dry run unless somebody says otherwise, and says before on which hosts', async () => {
    await openDialog();
    await dialog().getByText('12 hosts: worker-[001-012].cluster.example.org').waitFor();
    await dialog().getByLabel('Hosts').fill('worker-[001-003].cluster.example.org');
    await dialog().getByText('3 hosts: worker-[001-003].cluster.example.org').waitFor();
    expect(await dialog().getByLabel('Dry run').isChecked()).toBe(true);
    await dialog().getByRole('button', { name: 'All phases' }).click();
    await dialog().getByLabel('prepare').check();
    await dialog().getByRole('button', { name: 'Start dry run' }).click();
    await panel.heading('muster apply -i production --dry-run --limit=worker-[001-003].cluster.example.org');
    await panel.page.getByText('1 of 3 hosts').first().waitFor();
    await panel.page.getByText('Executed by the server, with the inventory production, version 3 (c0ffee000000).').waitFor();
  });

  it('cannot be started where the server has no way to a host; that host is named with what to do', async () => {
    await openDialog();
    await dialog().getByLabel('Hosts').fill('all');
    await dialog().getByText('The server cannot work on').waitFor();
    await dialog().getByText('set muster_control=full for it').first().waitFor();
    expect(await dialog().getByRole('button', { name: 'Start dry run' }).isDisabled()).toBe(true);
  });

  it('says where a range is wrong', async () => {
    await openDialog();
    await dialog().getByLabel('Hosts').fill('wroker-1');
    await dialog().getByText('wroker-1').first().waitFor();
    await expect.poll(() => dialog().getByLabel('Hosts').getAttribute('aria-invalid'), patience).toBe('true');
    expect(await dialog().getByRole('button', { name: 'Start dry run' }).isDisabled()).toBe(true);
  });

  it('goes on live and can be cancelled, after asking', async () => {
    await openDialog();
    await dialog().getByLabel('Dry run').uncheck();
    await dialog().getByRole('button', { name: 'Start run', exact: true }).click();
    await panel.heading('muster apply -i production');
    await panel.page.getByText('1 of 12 hosts').first().waitFor();
    const [run] = panel.world.runs;
    if (run === undefined) throw new Error('no run was started');
    panel.world.runs = [{ ...run, now: { phase: 'verify', done: 5, hosts: 12 } }];
    panel.fake.push(fakeEvent(131, { kind: 'run-phase', nodeId: null, nodeName: null, message: 'The run is at verify.' }));
    await panel.page.getByText('5 of 12 hosts').first().waitFor();
    await panel.button('Cancel run').click();
    await panel.dialog('Cancel run').getByRole('button', { name: 'Cancel run' }).click();
    await panel.page.getByText('Cancelled by admin@example.org.').waitFor();
    expect(await panel.button('Cancel run').count()).toBe(0);
  });

  it.each([
    [{ role: 'operator' as const, groups: null }, 'it takes the role administrator'],
    [{ role: 'administrator' as const, groups: ['rack-a'] }, 'this account may act on some groups only'],
  ])('is off with the reason for who may not: %o', async (account, reason) => {
    Object.assign(panel.world, account);
    await panel.open('/runs');
    await panel.button('Start a run').hover();
    await panel.page.getByRole('tooltip').getByText(reason).waitFor();
    await panel.button('Start a run').click({ force: true });
    expect(await dialog().count()).toBe(0);
  });

  it('shows runs of other machines as they are, without a button to cancel', async () => {
    await panel.open('/runs/30000000-0000-4000-8000-000000000001');
    await panel.heading('muster apply -i inventory.ini');
    await panel.page.getByText('no answer (dropped?)').waitFor();
    expect(await panel.button('Cancel run').count()).toBe(0);
  });
});
