/** Hands a text to the browser as a file to keep. */
export function saveFile(name: string, mediaType: string, content: string): void {
  const url = URL.createObjectURL(new Blob([content], { type: mediaType }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has begun to read it by the time of the next turn.
  setTimeout(() => URL.revokeObjectURL(url));
}
