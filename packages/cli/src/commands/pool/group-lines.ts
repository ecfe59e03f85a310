const sectionLine = /^\s*\[(?<name>[^\]:]+)\]\s*(?:[#;].*)?$/u;
const anySection = /^\s*\[/u;

/**
 * An INI inventory with these hosts in a group too: after the last line of the group's section that says something, or in a new section at the
 * end. Everything else stays as it is, comments and blank lines included. Pure.
 */
export function withHostsIn(text: string, group: string, hosts: readonly string[]): string {
  if (hosts.length === 0) return text;
  const lines = text.split('\n');
  const start = lines.findIndex((line) => sectionLine.exec(line)?.groups?.['name'] === group);
  if (start === -1) {
    const before = text === '' || text.endsWith('\n') ? text : `${text}\n`;
    return `${before}${before === '' ? '' : '\n'}[${group}]\n${hosts.join('\n')}\n`;
  }
  const next = lines.findIndex((line, index) => index > start && anySection.test(line));
  const section = lines.slice(start, next === -1 ? lines.length : next);
  const last = section.findLastIndex((line) => line.trim() !== '');
  return [...lines.slice(0, start + last + 1), ...hosts, ...lines.slice(start + last + 1)].join('\n');
}
