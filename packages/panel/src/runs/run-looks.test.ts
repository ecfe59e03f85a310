import { describe, expect, it } from 'vitest';
import { commandText, countsText, runTime } from './run-looks.ts';

describe('a run in words', () => {
  it('counts its hosts, what went wrong first', () => {
    const none = { hosts: 0, changed: 0, unchanged: 0, wouldChange: 0, failed: 0, notDone: 0 };
    expect(countsText({ ...none, hosts: 5, changed: 2, unchanged: 1, failed: 1, notDone: 1 })).toBe(
      '1 failed, 1 not done, 2 changed, 1 unchanged',
    );
    expect(countsText({ ...none, hosts: 3, wouldChange: 3 })).toBe('3 would change');
    expect(countsText(none)).toBe('');
  });

  it('says how long it took, and what was typed', () => {
    expect([runTime(4.24), runTime(200)]).toEqual(['4.2 s', '3 min 20 s']);
    expect(commandText({ command: 'apply', options: ['-i', 'a.ini'] })).toBe('muster apply -i a.ini');
  });
});
