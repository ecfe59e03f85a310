/** A text as the server accepts it: no control characters, no longer than `max`. */
export function boundedText(text: string, max: number): string {
  return text
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, max);
}
