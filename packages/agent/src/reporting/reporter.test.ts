import type { AgentMessage, Facts, ServicesReport } from '@muster/api/agent';
import { expect, it } from 'vitest';
import { FakeClock } from '../../test/fake-clock.ts';
import { Reporter } from './reporter.ts';

const facts: Facts = {
  hostname: 'a',
  addresses: [],
  cores: 1,
  memoryBytes: 1,
  gpus: [],
  os: { id: '', version: '', name: '' },
  kernel: '',
  architecture: '',
  bootId: '',
  agentVersion: '',
};
const services: ServicesReport = { available: true, services: [] };

function begin() {
  const clock = new FakeClock();
  const sent: AgentMessage[] = [];
  const state = { connected: true };
  const send = (message: AgentMessage): boolean => {
    if (state.connected) sent.push(message);
    return state.connected;
  };
  return { clock, sent, state, reporter: new Reporter({ clock, send }) };
}

it('sends nothing before it knows both facts and services', () => {
  const { sent, reporter } = begin();
  reporter.welcomed();
  reporter.setFacts(facts);
  reporter.welcomed();
  expect(sent).toEqual([]);
  reporter.setServices(services);
  expect(sent).toEqual([{ type: 'report', facts, services }]);
});

it('sends again only what changed, or is old', async () => {
  const { clock, sent, reporter } = begin();
  reporter.setFacts(facts);
  reporter.setServices(services);
  reporter.setFacts({ ...facts });
  reporter.setServices({ ...services });
  expect(sent).toHaveLength(1);
  reporter.setFacts({ ...facts, cores: 2 });
  expect(sent).toHaveLength(2);
  await clock.pass(300_000);
  expect(sent).toHaveLength(3);
  reporter.setInterval(10);
  await clock.pass(30_000);
  expect(sent).toHaveLength(6);
  reporter.stop();
  expect(clock.pendingTimers).toBe(0);
});

it('tells every new connection everything', () => {
  const { sent, reporter } = begin();
  reporter.setFacts(facts);
  reporter.setServices(services);
  reporter.welcomed();
  expect(sent).toHaveLength(2);
});

it('keeps a change that could not be sent for the next welcome', () => {
  const { sent, state, reporter } = begin();
  reporter.setFacts(facts);
  reporter.setServices(services);
  state.connected = false;
  reporter.setFacts({ ...facts, cores: 3 });
  state.connected = true;
  reporter.welcomed();
  expect(sent.at(-1)).toMatchObject({ facts: { cores: 3 } });
});
