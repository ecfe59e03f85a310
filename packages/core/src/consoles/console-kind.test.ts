import { describe, expect, it } from 'vitest';
import { type ConsoleChoice, consoleKindOf, type ConsoleWays } from './console-kind.ts';

const said = (part: string) => ({ reason: expect.stringContaining(part) as string });

describe('the kind of a console', () => {
  it.each<[string, Partial<ConsoleWays>, ConsoleChoice]>([
    ['its controller says', { controller: { kind: 'ipmi' } }, { kind: 'ipmi' }],
    ['its controller says, whatever SSH could do', { controller: { kind: 'redfish' }, ssh: { full: true } }, { kind: 'redfish' }],
    ['a shell where there is no controller', { ssh: { full: true } }, { kind: 'ssh' }],
    ['a shell where that was said', { controller: { kind: 'ssh' }, ssh: { full: true } }, { kind: 'ssh' }],
    ['none where the server has no way in', {}, said('muster_control=full for it and run "muster apply" or say how')],
    ['none where the server may only start its agent', { ssh: { full: false } }, said('muster_control=full')],
    ['none where commands are off', { ssh: { full: true }, execEnabled: false }, said('exec.enabled: true or say how')],
    [
      'none where a shell was wanted and commands are off',
      { controller: { kind: 'ssh' }, ssh: { full: true }, execEnabled: false },
      said('exec.enabled: true.'),
    ],
    ['its controller’s, though commands are off', { controller: { kind: 'ipmi' }, execEnabled: false }, { kind: 'ipmi' }],
  ])('is %s', (_what, ways, expected) => {
    expect(consoleKindOf({ nodeName: 'web1', controller: undefined, ssh: undefined, execEnabled: true, ...ways })).toEqual(expected);
  });
});
