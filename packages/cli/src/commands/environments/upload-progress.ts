import type { OnUploadProgress } from './upload-artifact.ts';

/** How far an upload is, on one line of a terminal; nothing where nobody reads. */
export function uploadProgress(name: string): OnUploadProgress {
  const stream = process.stderr;
  if (!stream.isTTY) return () => undefined;
  return (bytes, total) => {
    const isDone = bytes >= total;
    stream.write(`\r\u001B[K${isDone ? '' : `… ${name}: ${Math.floor((100 * bytes) / Math.max(1, total))} %`}`);
  };
}
