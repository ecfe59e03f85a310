import { describe, expect, it } from 'vitest';
import { ClusterFixture, KeptReport } from '../test/cluster-fixture.ts';
import { apply } from './index.ts';

/* A token lets whoever has it become a node: it may stand on standard input and nowhere else. */
describe('a join token', () => {
  const isSecret = (text: string) => /muster1\.secret|#secret/u.test(text);

  it('goes to its host on standard input only, and each host gets its own', async () => {
    const fixture = new ClusterFixture();
    const report = new KeptReport();
    const result = await apply(fixture.options(), report);
    const sent = [...fixture.hosts.values()].flatMap((host) => host.sent);
    expect(sent.filter(({ stdin }) => isSecret(stdin)).map(({ label }) => label)).toEqual(Array(3).fill('enrol the agent'));
    for (const [name, host] of fixture.hosts) {
      expect(host.sent.find(({ label }) => label === 'enrol the agent')?.stdin).toMatch(
        new RegExp(`^[0-9a-f-]{36}\\nmuster1\\.secret-of-${name}-\\d+\\n$`, 'u'),
      );
    }
    for (const { script, label } of sent) expect(isSecret(script) || isSecret(label)).toBe(false);
    expect(isSecret(JSON.stringify(report))).toBe(false);
    expect(isSecret(JSON.stringify([...result.outcomes, ...result.failures]))).toBe(false);
  });

  it('is in no error, whichever step it fails at and whatever the server answers', async () => {
    const answers = ['[{"name": "boss", "token": "muster1.secret-1"', '[{"name": 1, "token": "muster1.secret-1"}]', 'muster1.secret-1'];
    for (const answer of answers) {
      const fixture = new ClusterFixture();
      fixture.host('boss').trouble('muster node ensure', () => {
        fixture.muster.answer = answer;
      });
      const { failures } = await apply(fixture.options(), new KeptReport());
      expect(failures.size).toBe(3);
      for (const failure of failures.values()) {
        expect(isSecret(JSON.stringify(failure))).toBe(false);
        expect(failure).toMatchObject({
          phase: 'enrol',
          command: 'muster node ensure',
          message: expect.stringContaining('is not understood'),
        });
      }
    }
  });

  it('is not kept after the agent was given it, even when that failed', async () => {
    const fixture = new ClusterFixture();
    fixture.host('web1').trouble('enrol the agent', { stderr: 'no route to host' });
    const { failures } = await apply(fixture.options(), new KeptReport());
    expect([...failures.keys()]).toEqual(['web1']);
    expect(isSecret(JSON.stringify([...failures.values()]))).toBe(false);
  });
});
