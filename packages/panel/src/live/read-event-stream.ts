/** One message of a stream of events. */
export type StreamMessage = { readonly event: string; readonly data: string };

/**
 * Takes a stream of events apart, piece by piece as it comes (WHATWG HTML, 9.2.6, as much of it as our server sends). A browser's own reader of such
 * streams does not tell why one was refused; this one stands behind `fetch`, which does.
 */
export function createEventReader(): (piece: string) => StreamMessage[] {
  let rest = '';
  let event = '';
  let data: string[] = [];
  const take = (line: string): StreamMessage | undefined => {
    if (line === '') {
      const message = data.length === 0 ? undefined : { event: event === '' ? 'message' : event, data: data.join('\n') };
      event = '';
      data = [];
      return message;
    }
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /u, '');
    if (field === 'data') data.push(value);
    if (field === 'event') event = value;
    return undefined;
  };
  return (piece) => {
    const lines = (rest + piece).split(/\r\n|\n|\r(?!$)/u);
    rest = lines.pop() ?? '';
    return lines.flatMap((line) => take(line) ?? []);
  };
}
