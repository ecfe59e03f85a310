import { FitAddon } from '@xterm/addon-fit';
import { Terminal } from '@xterm/xterm';
import { type Dispatch, type RefObject, type SetStateAction, useCallback, useEffect, useRef, useState } from 'react';
import { afterClose, afterNotice, consoleUrl, type ConsoleState, openingConsole, readNotice } from './console-session.ts';

export type Console = {
  readonly state: ConsoleState;
  /** Asks for the pen. */
  readonly take: () => void;
};

/** A terminal in an element of the page, at the console of a node until the element goes. */
export function useConsole(element: RefObject<HTMLElement | null>, node: string, readOnly: boolean): Console {
  const [state, setState] = useState<ConsoleState>(openingConsole);
  const socket = useRef<WebSocket>(null);
  useEffect(() => {
    if (element.current === null) return undefined;
    const { terminal, fit } = terminalIn(element.current);
    const send = (data: string | Uint8Array<ArrayBuffer>) => {
      if (socket.current?.readyState === WebSocket.OPEN) socket.current.send(data);
    };
    const encoder = new TextEncoder();
    terminal.onData((text) => send(encoder.encode(text)));
    terminal.onBinary((text) => send(Uint8Array.from(text, (character) => character.charCodeAt(0))));
    terminal.onResize(({ cols: columns, rows }) => send(JSON.stringify({ type: 'resize', columns, rows })));
    const resized = new ResizeObserver(() => fit.fit());
    resized.observe(element.current);
    terminal.focus();
    const url = consoleUrl(window.location, node, { readOnly, columns: terminal.cols, rows: terminal.rows });
    // Not at once: what React takes back in the same turn must not have opened a console.
    const soon = setTimeout(() => {
      socket.current = connect(url, terminal, setState);
    });
    return () => {
      clearTimeout(soon);
      resized.disconnect();
      socket.current?.close();
      socket.current = null;
      terminal.dispose();
    };
  }, [element, node, readOnly]);
  const take = useCallback(() => {
    if (socket.current?.readyState === WebSocket.OPEN) socket.current.send(JSON.stringify({ type: 'take' }));
  }, []);
  return { state, take };
}

function connect(url: string, terminal: Terminal, setState: Dispatch<SetStateAction<ConsoleState>>): WebSocket {
  const line = new WebSocket(url);
  line.binaryType = 'arraybuffer';
  line.addEventListener('message', ({ data }: MessageEvent<ArrayBuffer | string>) => {
    if (typeof data !== 'string') return terminal.write(new Uint8Array(data));
    const notice = readNotice(data);
    if (notice !== undefined) setState((before) => afterNotice(before, notice));
  });
  line.addEventListener('close', () => setState(afterClose));
  return line;
}

function terminalIn(element: HTMLElement): { terminal: Terminal; fit: FitAddon } {
  const terminal = new Terminal({
    fontFamily: getComputedStyle(element).fontFamily,
    fontSize: 14,
    scrollback: 5000,
    cursorBlink: false,
    screenReaderMode: true,
    // Dark in either scheme, as terminals are; the colours of programs are made for it.
    theme: { background: '#151515', foreground: '#f2f2f2' },
  });
  const fit = new FitAddon();
  terminal.loadAddon(fit);
  terminal.open(element);
  fit.fit();
  return { terminal, fit };
}
