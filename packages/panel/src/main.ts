import { applyTheme, storedTheme } from './layout/theme.ts';

declare global {
  var __zod_globalConfig: { jitless?: boolean } | undefined;
}

applyTheme(storedTheme());

/*
 * The content security policy forbids making code from text. The schemas of the API try whether they may as soon as they are made, and each try would be
 * reported as a violation; so this stands before everything that imports them, which is why the rest is imported from here and not above.
 */
globalThis.__zod_globalConfig = { jitless: true };
void import('./start.tsx');
