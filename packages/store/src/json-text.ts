/** Text as PostgreSQL can keep it: it has no NUL, and no half of a surrogate pair. What agents send may hold either. */
export const storableText = (text: string): string => text.toWellFormed().replaceAll('\u0000', '\uFFFD');

/** A value as JSON text that a `jsonb` column accepts. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) => (typeof member === 'string' ? storableText(member) : member));
}
