import { expect, it } from 'vitest';
import { wantedText } from './wanted-text.ts';

it.each([
  [{ kinds: [], severity: 'warning' as const, groups: [], range: null }, 'Warnings and errors'],
  [
    { kinds: ['node-health' as const], severity: 'info' as const, groups: ['gpu'], range: null },
    'Everything of: Node health about nodes of gpu',
  ],
  [{ kinds: [], severity: 'error' as const, groups: [], range: 'web[1-3]' }, 'Errors about web[1-3]'],
])('%o is "%s"', (wanted, text) => expect(wantedText(wanted)).toBe(text));
