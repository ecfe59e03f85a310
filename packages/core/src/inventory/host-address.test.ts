import { describe, expect, it } from 'vitest';
import { parseHostAddress } from './host-address.ts';

describe('parseHostAddress', () => {
  it.each([
    ['web1', 'web1', undefined],
    ['web1:2222', 'web1', 2222],
    ['web1.example.org:22', 'web1.example.org', 22],
    ['10.0.0.1:22', '10.0.0.1', 22],
    ['10.0.0.[1:3]:22', '10.0.0.[1:3]', 22],
    ['web[1:3]:22', 'web[1:3]', 22],
    ['[web1]:22', 'web1', 22],
    ['[2001:db8::1]:22', '2001:db8::1', 22],
    ['2001:db8::1', '2001:db8::1', undefined],
    ['2001:db8::[a:c]', '2001:db8::[a:c]', undefined],
    ['::ffff:192.0.2.3', '::ffff:192.0.2.3', undefined],
    ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8', undefined],
    ['[2001:db8::1]', '[2001:db8::1]', undefined],
    ['[1:3]', '[1:3]', undefined],
    ['user@web1:22', 'user@web1:22', undefined],
    ['web_:22', 'web_:22', undefined],
    ['web:', 'web:', undefined],
    ['web1:x', 'web1:x', undefined],
    ['é1:22', 'é1', 22],
    [':22', ':22', undefined],
    ['h:0', 'h', 0],
    ['', '', undefined],
  ])('%s', (text, pattern, port) => {
    expect(parseHostAddress(text)).toEqual({ pattern, port });
  });

  it('stays quick on long input', () => {
    const started = performance.now();
    for (const part of ['a-', '[1:2]', 'a.', '1:', '::', '_', '[', 'a_']) parseHostAddress(`${part.repeat(5000)}!:22`);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
