/** Waits until something holds; throws when it does not come about in time. */
export async function waitFor(holds: () => boolean, what: string, timeoutMs = 4000): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
