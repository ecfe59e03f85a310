import { AgentMessage } from '@muster/api';

/** Reads one message of an agent; undefined for whatever is not of the protocol. */
export function readAgentMessage(text: string): AgentMessage | undefined {
  try {
    const result = AgentMessage.safeParse(JSON.parse(text));
    return result.success ? result.data : undefined;
  } catch {
    return undefined;
  }
}
