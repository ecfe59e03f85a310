import { describe, expect, it } from 'vitest';
import { withPanel } from './with-panel.ts';

const patience = { timeout: 20_000 };

describe('the console of a node', () => {
  const panel = withPanel();
  const name = 'worker-004.cluster.example.org';
  const terminal = () => panel.page.getByRole('group', { name: `Console of ${name}` });
  const status = (text: string | RegExp) => panel.page.getByRole('status').filter({ hasText: text }).waitFor();
  const open = async (button = 'Open console') => {
    await panel.open(`/nodes/${name}?tab=console`);
    await panel.page.getByText('By serial over LAN (IPMI). Nobody has it open.').waitFor();
    await panel.button(button).click();
  };
  /** The rows of the terminal, as it shows them. */
  const shown = () => terminal().locator('.xterm-rows').innerText();

  it('is opened when somebody asks, shows who is there, and is taken over to write', async () => {
    await open();
    await status('You watch');
    await status('Also here: ada@example.org (writes).');
    await expect.poll(shown, patience).toContain('login:');
    await panel.page.keyboard.type('x');
    await panel.page.getByText('ada@example.org writes now.').waitFor();
    await panel.button('Take over').click();
    await status('You write');
    await terminal().getByRole('textbox').focus();
    await panel.page.keyboard.type('ls');
    await expect.poll(shown, patience).toContain('<l><s>');
    expect(await panel.button('Take over').count()).toBe(0);
    await panel.button('Leave').click();
    await panel.button('Open console').waitFor();
  });

  it('says why it has ended, and is opened again', async () => {
    await open();
    await panel.button('Take over').click();
    await status('You write');
    await terminal().getByRole('textbox').focus();
    await panel.page.keyboard.type('!');
    await panel.page.getByText(`The serial console of ${name} has ended.`).waitFor();
    await panel.button('Open again').click();
    await status('You watch');
  });

  it('says that the connection was lost, and is opened again', async () => {
    await open();
    await status('You watch');
    await panel.fake.stop();
    await panel.page.getByText('The connection to the server was lost').waitFor();
    await panel.fake.start();
    await panel.button('Open again').click();
    await status('You watch');
  });

  it('is read only for one who came to read', async () => {
    await open('Open to read only');
    await status('You read only');
    expect(await panel.button('Take over').count()).toBe(0);
  });

  it('is told to be none, with what to do', async () => {
    await panel.open('/nodes/new-903?tab=console');
    await panel.page.getByText('muster node controller set new-903').waitFor();
  });
});
