/** How work goes on that may take minutes: one line on standard error that is written over; silent where nobody looks. */
export type StepProgress = { show(text: string): void; end(): void };

const intervalMs = 100;

export function stepProgress(stream: NodeJS.WriteStream = process.stderr): StepProgress {
  let shownMs = Number.NEGATIVE_INFINITY;
  let isOpen = false;
  return {
    show: (text) => {
      const nowMs = performance.now();
      if (!stream.isTTY || nowMs - shownMs < intervalMs) return;
      shownMs = nowMs;
      isOpen = true;
      stream.write(`\r\u001B[K${text}`);
    },
    end: () => {
      if (isOpen) stream.write('\r\u001B[K');
      isOpen = false;
    },
  };
}
