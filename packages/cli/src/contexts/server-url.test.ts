import { describe, expect, it } from 'vitest';
import { CliError } from '../cli-error.ts';
import { serverUrl } from './server-url.ts';

describe('the address of a server', () => {
  it.each([
    ['https://muster.example.org:7420', 'https://muster.example.org:7420'],
    ['https://muster.example.org:7420/nodes?x=1#y', 'https://muster.example.org:7420'],
    ['https://muster.example.org', 'https://muster.example.org'],
    ['HTTPS://Muster.Example.org:443/', 'https://muster.example.org'],
    ['muster.example.org:7420', 'https://muster.example.org:7420'],
    ['[2001:db8::1]:7420', 'https://[2001:db8::1]:7420'],
    ['http://localhost:7420', 'http://localhost:7420'],
    ['http://127.0.0.1:7420', 'http://127.0.0.1:7420'],
    ['http://[::1]:7420', 'http://[::1]:7420'],
  ])('%s is %s', (given, url) => expect(serverUrl(given)).toBe(url));

  it.each(['', 'ftp://x', 'https://', 'https://ada:secret@x', 'file:///etc/passwd', 'https://x:99999', 'a b'])('is not "%s"', (given) => {
    expect(() => serverUrl(given)).toThrow(CliError);
  });

  it.each(['http://10.0.0.1:7420', 'http://muster.example.org', 'http://127.0.0.1.example.org', 'http://localhost.example.org'])(
    'is not spoken to in the clear: %s',
    (given) => expect(() => serverUrl(given)).toThrow(/without encryption/u),
  );
});
