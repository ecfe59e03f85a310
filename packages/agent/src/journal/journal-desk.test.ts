import type { AgentMessage } from '@muster/api/agent';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/fake-clock.ts';
import { fakeLog } from '../../test/fake-log.ts';
import { FakeStreams, printed } from '../../test/fake-stream.ts';
import { JournalDesk } from './journal-desk.ts';

class Fixture {
  readonly clock = new FakeClock();
  readonly streams = new FakeStreams();
  readonly sent: AgentMessage[] = [];
  backlogBytes = 0;
  loadState = 'loaded';
  readonly asked: string[][] = [];
  readonly desk = new JournalDesk({
    clock: this.clock,
    log: fakeLog().log,
    stream: this.streams.stream,
    run: async (argv) => {
      this.asked.push([...argv]);
      return { kind: 'done', status: 0, stdout: `${this.loadState}\n`, stderr: '' };
    },
    send: (message) => {
      this.sent.push(message);
      return true;
    },
    machineId: async () => 'b00710000000000000000000000000b0',
    backlogBytes: () => this.backlogBytes,
  });

  open(wish: { id?: string; unit?: string; lines?: number; follow?: boolean } = {}): void {
    this.desk.received({ type: 'journal-open', id: 'j1', unit: 'ssh.service', lines: 10, follow: false, ...wish });
  }

  /** Lets systemd answer, and what follows be sent. */
  async settle(): Promise<void> {
    await this.clock.pass(1);
    await this.clock.pass(600);
  }

  /** Texts of all lines that were sent, `-N` for N that were left out. */
  get texts(): string[] {
    return this.sent.flatMap((message) =>
      message.type === 'journal' ? [...(message.dropped > 0 ? [`-${message.dropped}`] : []), ...message.lines.map(({ text }) => text)] : [],
    );
  }

  get ends(): unknown[] {
    return this.sent.filter(({ type }) => type === 'journal-end');
  }
}

describe('the end of a journal', () => {
  it('is asked of journalctl, as it is named and no more, and sent with an end', async () => {
    const fixture = new Fixture();
    fixture.open({ lines: 25 });
    expect(fixture.streams.last.argv).toEqual([
      'journalctl',
      '--unit=ssh.service',
      '--output=json',
      '--output-fields=MESSAGE,SYSLOG_IDENTIFIER,_PID',
      '--no-pager',
      '--quiet',
      '--lines=25',
    ]);
    fixture.streams.last.print(printed('one', 1) + printed('two', 2));
    fixture.streams.last.end();
    await fixture.clock.pass(600);
    expect(fixture.texts).toEqual(['sshd[7]: one', 'sshd[7]: two']);
    expect(fixture.ends).toEqual([{ type: 'journal-end', id: 'j1', reason: '' }]);
    expect(fixture.clock.pendingTimers).toBe(0);
  });

  it('waits for what was sent before, and loses nothing', async () => {
    const fixture = new Fixture();
    fixture.open({ lines: 1000 });
    const program = fixture.streams.last;
    fixture.backlogBytes = 2_000_000;
    let printedLines = 0;
    while (!program.state.isPaused) {
      printedLines += 1;
      program.print(printed('x'.repeat(3000), printedLines));
    }
    await fixture.clock.pass(5000);
    expect(fixture.sent).toEqual([]);
    fixture.backlogBytes = 0;
    await fixture.clock.pass(5000);
    expect(program.state.isPaused).toBe(false);
    program.end();
    await fixture.clock.pass(600);
    expect(fixture.texts).toHaveLength(printedLines);
    expect(fixture.ends).toHaveLength(1);
  });

  it.each([
    ['journalctl ended with 1: Failed to open', 'journalctl ended with 1: Failed to open'],
    ['there is no journalctl on this machine', 'there is no journalctl on this machine'],
    ['x'.repeat(5000), 'x'.repeat(300)],
  ])('says why there is none: %s', async (failure, reason) => {
    const fixture = new Fixture();
    fixture.open();
    fixture.streams.last.end(failure);
    await fixture.clock.pass(600);
    expect(fixture.ends).toEqual([{ type: 'journal-end', id: 'j1', reason }]);
  });

  it('of a unit that is not there says so, and only when there is no journal of it either', async () => {
    const fixture = new Fixture();
    fixture.loadState = 'not-found';
    fixture.open({ unit: 'shh.service', follow: true });
    fixture.streams.last.end();
    await fixture.settle();
    expect(fixture.asked).toEqual([['systemctl', 'show', '--property=LoadState', '--value', '--', 'shh.service']]);
    expect(fixture.ends).toEqual([
      { type: 'journal-end', id: 'j1', reason: 'there is no unit shh.service on this node, nor a journal of it' },
    ]);
    expect(fixture.streams.runs).toHaveLength(1);
    fixture.open({ id: 'j2', unit: 'gone.service' });
    fixture.streams.last.print(printed('its last words'));
    fixture.streams.last.end();
    await fixture.clock.pass(600);
    expect(fixture.texts).toEqual(['sshd[7]: its last words']);
  });
});

describe('a journal that is followed', () => {
  it('goes on where the past ended', async () => {
    const fixture = new Fixture();
    fixture.open({ follow: true });
    fixture.streams.last.print(printed('one', 1) + printed('two', 2));
    fixture.streams.last.end();
    await fixture.clock.pass(600);
    expect(fixture.streams.last.argv.slice(-5)).toEqual([
      '--merge',
      '_MACHINE_ID=b00710000000000000000000000000b0',
      '--follow',
      '--no-tail',
      '--after-cursor=c2',
    ]);
    fixture.streams.last.print(printed('three', 3));
    await fixture.clock.pass(600);
    expect(fixture.texts).toEqual(['sshd[7]: one', 'sshd[7]: two', 'sshd[7]: three']);
    expect(fixture.ends).toEqual([]);
  });

  it('begins with nothing when nothing of the past is wanted, or there is none', async () => {
    for (const lines of [0, 10]) {
      const fixture = new Fixture();
      fixture.open({ follow: true, lines });
      if (lines > 0) fixture.streams.last.end();
      await fixture.clock.pass(1);
      expect(fixture.streams.last.argv.slice(-2)).toEqual(['--follow', '--lines=0']);
    }
  });

  it('is told twice a second at most, whatever comes', async () => {
    const fixture = new Fixture();
    fixture.open({ follow: true, lines: 0 });
    await fixture.clock.pass(1);
    for (let tenth = 0; tenth < 100; tenth += 1) {
      fixture.streams.last.print(printed('again'));
      await fixture.clock.pass(100);
    }
    expect(fixture.sent.length).toBeLessThanOrEqual(21);
    expect(fixture.texts).toHaveLength(100);
  });

  it('leaves out what comes too fast, and says how much', async () => {
    const fixture = new Fixture();
    fixture.open({ follow: true, lines: 0 });
    await fixture.clock.pass(1);
    for (let line = 0; line < 5000; line += 1) fixture.streams.last.print(printed('flood', line));
    expect(fixture.streams.last.state.isPaused).toBe(false);
    await fixture.clock.pass(5000);
    fixture.streams.last.print(printed('calm', 1));
    await fixture.clock.pass(1000);
    const { texts } = fixture;
    expect(texts.filter((text) => text.endsWith('flood'))).toHaveLength(2000);
    expect(texts.slice(-2)).toEqual(['-3000', 'sshd[7]: calm']);
  });

  it('says so when journalctl ends', async () => {
    const fixture = new Fixture();
    fixture.open({ follow: true, lines: 0 });
    await fixture.clock.pass(1);
    fixture.streams.last.end('journalctl ended with SIGKILL: ');
    await fixture.clock.pass(600);
    expect(fixture.ends).toEqual([{ type: 'journal-end', id: 'j1', reason: 'journalctl ended with SIGKILL: ' }]);
  });

  it('is ended by the server, and says nothing more', async () => {
    const fixture = new Fixture();
    fixture.open({ follow: true, lines: 0 });
    await fixture.clock.pass(1);
    fixture.streams.last.print(printed('one'));
    fixture.desk.received({ type: 'journal-close', id: 'j1' });
    expect(fixture.streams.last.state.isStopped).toBe(true);
    await fixture.clock.pass(5000);
    expect(fixture.sent).toEqual([]);
    expect(fixture.clock.pendingTimers).toBe(0);
    fixture.desk.received({ type: 'journal-close', id: 'j1' });
    fixture.desk.received({ type: 'journal-close', id: 'nobody' });
  });

  it('ends with the connection, even while the unit is being asked for', async () => {
    const fixture = new Fixture();
    fixture.open({ follow: true, lines: 0 });
    fixture.open({ id: 'j2', follow: true });
    fixture.desk.closeAll();
    await fixture.clock.pass(5000);
    expect(fixture.streams.runs.map(({ state }) => state.isStopped)).toEqual([true]);
    expect([fixture.sent, fixture.clock.pendingTimers]).toEqual([[], 0]);
  });

  it('stays open when the server asks for it again, after a change of connection', () => {
    const fixture = new Fixture();
    fixture.open({ follow: true });
    fixture.open({ follow: true, lines: 0 });
    expect(fixture.streams.runs).toHaveLength(1);
  });
});

describe('what is refused', () => {
  it.each([
    'ssh',
    '*.service',
    'a?.service',
    '[a]*.service',
    '--all.service',
    '-a.service',
    'a b.service',
    'ssh.service\n--file=/etc/shadow',
    'getty@.service',
    '',
  ])('the unit %j', (unit) => {
    const fixture = new Fixture();
    fixture.open({ unit });
    expect(fixture.streams.runs).toEqual([]);
    expect(fixture.ends).toEqual([{ type: 'journal-end', id: 'j1', reason: expect.stringMatching(/^the unit is /u) }]);
  });

  it('more than four at a time, until one of them ends', async () => {
    const fixture = new Fixture();
    for (const id of ['j1', 'j2', 'j3', 'j4', 'j5']) fixture.open({ id });
    expect(fixture.streams.runs).toHaveLength(4);
    expect(fixture.ends).toEqual([{ type: 'journal-end', id: 'j5', reason: '4 journals of this node are being read already' }]);
    fixture.streams.runs[0]?.end();
    await fixture.settle();
    fixture.open({ id: 'j6' });
    expect(fixture.streams.runs).toHaveLength(5);
  });
});
