import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JournalViewer } from '@muster/gateway';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { EventReader, waiting } from '../../test/event-reader.ts';
import { keptLog } from '../../test/kept-log.ts';
import { type JournalVisitor, JournalStreams } from './journal-stream.ts';

const opened: { streams: JournalStreams; server: Server }[] = [];
afterEach(async () => {
  for (const { streams, server } of opened.splice(0)) {
    streams.stop();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** Streams behind a real HTTP server; the journal that each visitor opens is in the test's hand. */
async function openStreams(visitor: Partial<JournalVisitor> = {}, times = { keepAliveMs: 20, recheckMs: 20 }) {
  const { log, lines } = keptLog();
  const streams = new JournalStreams(log, times);
  const journals: { viewer: JournalViewer; isClosed: boolean }[] = [];
  const failures: unknown[] = [];
  const server = createServer((_request, response) => {
    const open = async (viewer: JournalViewer) => {
      const journal = { viewer, isClosed: false };
      journals.push(journal);
      return { close: () => void (journal.isClosed = true) };
    };
    streams.follow({ open, mayStay: async () => true, respond: () => response, ...visitor }).catch((error: unknown) => {
      failures.push(error);
      response.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  opened.push({ streams, server });
  streams.start();
  const place = { port: (server.address() as AddressInfo).port };
  const only = () => {
    const [journal] = journals;
    if (journal === undefined) throw new Error('no journal was opened');
    return journal;
  };
  return { streams, lines, journals, failures, only, open: () => EventReader.open(place) };
}

const line = (text: string) => ({ at: null, text });

describe('the stream of a journal', () => {
  it('gives lines as they come, a sign of life between them, and the end with its reason', async () => {
    const { only, open } = await openStreams();
    const reader = await open();
    only().viewer.onLines([line('one'), line('zwei\n\n"')], 2);
    await vi.waitFor(() => expect(reader.text).toContain(': still here'), waiting);
    only().viewer.onEnd('journalctl has ended');
    await reader.untilEnded();
    expect(reader.text.replaceAll(': still here\n\n', '')).toBe(
      `: here it comes\n\ndata: ${JSON.stringify({ lines: [line('one'), line('zwei\n\n"')], dropped: 2 })}\n\n` +
        `event: end\ndata: {"reason":"journalctl has ended"}\n\n`,
    );
    expect(reader.response.headers).toMatchObject({ 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  });

  it('gives also what comes before the answer is open', async () => {
    const { open } = await openStreams({
      open: async (viewer) => {
        viewer.onLines([line('early')], 0);
        viewer.onEnd('that was all');
        return { close: () => undefined };
      },
    });
    const reader = await open();
    await reader.untilEnded();
    expect(reader.text).toMatch(/early[^]*that was all/u);
  });

  it('closes the journal when its reader leaves', async () => {
    const { only, open } = await openStreams();
    (await open()).close();
    await vi.waitFor(() => expect(only().isClosed).toBe(true), waiting);
    only().viewer.onLines([line('late')], 0);
    only().viewer.onEnd('late');
  });

  it('drops a reader that does not read, and closes the journal', async () => {
    const { only, open, lines } = await openStreams();
    const reader = await open();
    reader.response.pause();
    await vi.waitFor(() => {
      only().viewer.onLines(
        Array.from({ length: 400 }, () => line('x'.repeat(4000))),
        0,
      );
      if (!only().isClosed) throw new Error('still read');
    }, waiting);
    expect(lines.map(({ message }) => message)).toContain('somebody reads a journal too slowly and was dropped');
  });

  it('ends for one whose session has ended, and stays for one that cannot be asked about now', async () => {
    let answer: () => Promise<boolean> = () => Promise.reject(new Error('the database is away'));
    const { only, open } = await openStreams({ mayStay: () => answer() });
    const reader = await open();
    await vi.waitFor(() => expect(reader.text).toContain(': still here'), waiting);
    expect(reader.ended).toBe(false);
    answer = async () => false;
    await reader.untilEnded();
    expect(reader.text).toContain('event: end\ndata: {"reason":"The session has ended."}');
    await vi.waitFor(() => expect(only().isClosed).toBe(true), waiting);
  });

  it('ends with the server', async () => {
    const { streams, open } = await openStreams();
    const reader = await open();
    streams.stop();
    await reader.untilEnded();
    expect(reader.text).toContain('The server is going down.');
  });

  it('is none when the journal cannot be opened: nothing was sent', async () => {
    const { open, failures } = await openStreams({ open: () => Promise.reject(new Error('not connected')) });
    await expect(open()).rejects.toThrow();
    expect(failures.map(String)).toEqual(['Error: not connected']);
  });
});
