/** A line on standard error that is written over while a person waits; where nobody looks, only what is said. */
export type LiveLine = {
  show(text: string): void;
  /** Says something that stays. */
  say(line: string): void;
  clear(): void;
};

export function liveLine(stream: NodeJS.WriteStream = process.stderr): LiveLine {
  const width = () => Math.max(20, (stream.columns ?? 80) - 1);
  let shown = '';
  const draw = (text: string) => {
    shown = text;
    if (stream.isTTY) stream.write(`\r\u001B[K${text.slice(0, width())}`);
  };
  return {
    show: draw,
    say: (line) => {
      const before = shown;
      draw('');
      stream.write(`${line}\n`);
      draw(before);
    },
    clear: () => draw(''),
  };
}
