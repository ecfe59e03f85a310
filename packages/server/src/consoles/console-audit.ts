import type { Node, Session } from '@muster/api';
import type { Store } from '@muster/store';

/** What of a visit to a console stands in the audit log. */
export type ConsoleAct = 'openConsole' | 'writeConsole' | 'takeConsole' | 'closeConsole';

/** Writes it down. @throws StoreUnavailable */
export type NoteConsole = (act: ConsoleAct, input?: Record<string, unknown>) => Promise<void>;

/** The lines of one visit in the audit log; never what was typed or shown. */
export function consoleAudit(
  audit: Pick<Store['audit'], 'record'>,
  node: Pick<Node, 'id' | 'name'>,
  session: Session,
  from: string,
): NoteConsole {
  const { kind, id, email, name, role } = session;
  const target = { id: node.id, name: node.name };
  return async (what, input) => {
    const entry = {
      who: { kind, id, name: email ?? name, role },
      from,
      what,
      target: { kind: 'nodes', ...target },
      input: input ?? null,
      leftOut: 0,
    };
    await audit.record(entry, { status: 200, code: null, message: null, target, nodes: [node.name], before: null, after: null });
  };
}
