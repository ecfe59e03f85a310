import type { NodeActionRequest, NodeActionResult } from '@muster/api';
import type { Command } from 'commander';
import { serverClient } from '../../client/server-client.ts';
import { GivenRange } from '../../range/given-range.ts';

/** An action without its range. */
type Act = { [A in NodeActionRequest['action']]: Omit<Extract<NodeActionRequest, { action: A }>, 'range'> }[NodeActionRequest['action']];

/** Does something with all nodes of a range, or with none. */
export function actOnRange(typed: string, act: Act, command: Command): Promise<NodeActionResult> {
  const client = serverClient(command);
  return new GivenRange(typed).ask((range) => client.actOnNodes({ body: { ...act, range } }));
}

/** `node[01-03] are cordoned.` */
export const sentence = ({ range, count }: NodeActionResult, what: string): string => `${range} ${count === 1 ? 'is' : 'are'} ${what}.\n`;
