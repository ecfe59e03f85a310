import { describe, expect, it } from 'vitest';
import { patroniFault, requirePatroni } from './patroni-version.ts';

describe('the version of Patroni', () => {
  it.each(['4.0.7', '4.0.7-3~deb13u1', '4.0.10-1', '4.1', '4.1.0', '5.0.1-2', '1:4.0.7-1'])('%s is taken', (version) => {
    expect(patroniFault(version)).toBeUndefined();
  });

  it.each(['3.0.2-1', '3.3.8', '4.0.6', '4.0', '2.1.4'])('%s is refused by name, with the reason and the way out', (version) => {
    expect(patroniFault(version)).toContain(`Patroni ${version} is too old`);
    expect(() => requirePatroni(version, 'm1')).toThrow(
      /^m1: .*losing 237 of 661 acknowledged writes.*4\.0\.7 or newer.*muster_packages/su,
    );
  });

  it.each(['', 'newest', '(none)'])('"%s" is not understood', (version) => {
    expect(patroniFault(version)).toMatch(/not understood; 4\.0\.7/u);
  });
});
