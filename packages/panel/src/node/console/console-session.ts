import { callUrl, type ConsoleNotice, ConsoleNotice as Notice, type ConsolePresence, routes } from '@muster/api';

/** How a console stands, as this page knows it. */
export type ConsoleState = {
  readonly phase: 'opening' | 'open' | 'ended' | 'lost';
  /** Of this visit; empty until the server has said it. */
  readonly you: string;
  readonly presence: ConsolePresence;
  /** The last thing that was said: why it ended, or why what was typed was not sent. */
  readonly message: string | null;
  /** Where another server of the pool has it open. */
  readonly elsewhere: string | null;
};

export const openingConsole: ConsoleState = {
  phase: 'opening',
  you: '',
  presence: { viewers: [], writer: null },
  message: null,
  elsewhere: null,
};

/** What becomes of the state by what the server says. Pure. */
export function afterNotice(state: ConsoleState, notice: ConsoleNotice): ConsoleState {
  switch (notice.type) {
    case 'welcome':
      return { ...state, phase: 'open', you: notice.you };
    case 'presence':
      return { ...state, presence: { viewers: notice.viewers, writer: notice.writer }, message: null };
    case 'refused':
      return { ...state, message: notice.message };
    case 'gap':
      return { ...state, message: `${notice.bytes} bytes were left out: this page is slower than the console.` };
    case 'end':
      return { ...state, phase: 'ended', message: notice.message, elsewhere: notice.elsewhere };
  }
}

/** The connection has ended: for a reason that was told, or not. Pure. */
export const afterClose = (state: ConsoleState): ConsoleState => (state.phase === 'ended' ? state : { ...state, phase: 'lost' });

export type ConsoleWishes = { readonly readOnly: boolean; readonly columns: number; readonly rows: number };

/** The address of the console of a node on the server of this page. */
export function consoleUrl(page: Pick<Location, 'protocol' | 'host'>, node: string, { readOnly, columns, rows }: ConsoleWishes): string {
  const query = { readOnly: String(readOnly), columns, rows };
  return `${page.protocol === 'https:' ? 'wss' : 'ws'}://${page.host}${callUrl(routes.getConsole, { params: { node }, query })}`;
}

/** A message of the server as text; undefined for one that is not understood. */
export function readNotice(text: string): ConsoleNotice | undefined {
  try {
    return Notice.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
