/** Unit types that systemd knows, after systemd.unit(5). */
const suffix = String.raw`\.(?:service|socket|target|timer|mount|automount|path|slice|scope|swap|device)$`;
const letters = String.raw`[A-Za-z0-9:_.\\@*?[\]-]+`;
const wellFormed = new RegExp(`^(?!-)${letters}${suffix}`, 'u');

const maxUnitNameLength = 255;

/** Whether a watched name stands for several units: it holds `*`, `?` or `[`. */
export const isUnitPattern = (name: string): boolean => /[*?[]/u.test(name);

/** Whether a name is a template (`getty@.service`), which never runs itself. */
export const isTemplate = (name: string): boolean => name.includes('@.');

/**
 * What is wrong with a watched unit's name or pattern; undefined when it is fine. The rules are systemd.unit(5)'s; besides, a
 * name never begins with `-`, so that no name can be taken for an option.
 */
export function problemOfUnitName(name: string): string | undefined {
  if (name.length > maxUnitNameLength) return `is longer than ${maxUnitNameLength} characters`;
  if (!wellFormed.test(name))
    return 'is not the name of a systemd unit: letters, digits and :_.@\\- with a type such as .service at its end';
  if (isTemplate(name) && !isUnitPattern(name))
    return 'is a template: name an instance (getty@tty1.service) or a pattern (getty@*.service)';
  return undefined;
}

/** What is wrong with the name of one unit that is to be started: besides all of the above, it may not be a pattern. */
export function problemOfServiceName(name: string): string | undefined {
  const problem = problemOfUnitName(name);
  if (problem !== undefined) return problem;
  return isUnitPattern(name) ? 'is a pattern: name each unit' : undefined;
}
