/** A message in two parts: what happened, and the line to run by hand instead. */
export type ByHand = { readonly message: string; readonly line: string | null };

/** No other line is offered for copying: the rest of a message may be a host's own text. */
const known = /^(?:ssh [A-Za-z0-9.:_-]+ )?sudo systemctl (?:start|stop|restart) muster-agent(?:\.service)?$/u;

const mark = 'By hand: ';

/** Takes the line that the server gives where SSH is not possible out of the message of a task. */
export function byHandOf(text: string): ByHand {
  const at = text.lastIndexOf(mark);
  const line = at < 0 ? '' : text.slice(at + mark.length).trim();
  return known.test(line) ? { message: text.slice(0, at).trim(), line } : { message: text, line: null };
}
