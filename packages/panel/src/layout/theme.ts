/** What the reader chose; `system` follows the machine. */
export type Theme = 'light' | 'dark' | 'system';

export const themes: readonly { readonly value: Theme; readonly text: string }[] = [
  { value: 'light', text: 'Light' },
  { value: 'dark', text: 'Dark' },
  { value: 'system', text: 'Same as the system' },
];

const key = 'muster.theme';
const darkClass = 'pf-v6-theme-dark';

/** The remembered choice; `system` where there is none, or where the browser keeps nothing. */
export function storedTheme(): Theme {
  try {
    const value = localStorage.getItem(key);
    return themes.find((theme) => theme.value === value)?.value ?? 'system';
  } catch {
    return 'system';
  }
}

const systemIsDark = () => window.matchMedia('(prefers-color-scheme: dark)');
let unfollow: (() => void) | undefined;

/** Shows the page in the theme, and for `system` follows the machine from now on. */
export function applyTheme(theme: Theme): void {
  const set = (isDark: boolean) => document.documentElement.classList.toggle(darkClass, isDark);
  unfollow?.();
  unfollow = undefined;
  if (theme !== 'system') {
    set(theme === 'dark');
    return;
  }
  const media = systemIsDark();
  const follow = () => set(media.matches);
  media.addEventListener('change', follow);
  unfollow = () => media.removeEventListener('change', follow);
  follow();
}

/** Applies and remembers the choice. */
export function chooseTheme(theme: Theme): void {
  applyTheme(theme);
  try {
    localStorage.setItem(key, theme);
  } catch {
    // A browser that keeps nothing still shows the theme until the page is closed.
  }
}
