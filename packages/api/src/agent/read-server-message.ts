import { type AgentSettings, type ServerMessage, taskLanes, type TaskMessage } from './server-messages.ts';

/** The members that any message has; what they hold is looked at before it is used. */
type Fields = Readonly<Partial<Record<Member, unknown>>>;
type Member =
  | 'type'
  | 'id'
  | 'sequence'
  | 'chainPem'
  | 'rootsPem'
  | 'serial'
  | 'reason'
  | 'settings'
  | 'nodeId'
  | 'nodeName'
  | 'lane'
  | 'beginWithinSeconds'
  | 'timeoutSeconds'
  | 'work'
  | 'unit'
  | 'lines'
  | 'follow'
  | 'withinSeconds'
  | keyof AgentSettings;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === 'string';
const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);
const isPositive = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value) && value > 0;

function settingsOf(value: unknown): AgentSettings | undefined {
  if (!isFields(value)) return undefined;
  const { heartbeatSeconds, timeoutSeconds, reportSeconds, servers } = value;
  if (!isPositive(heartbeatSeconds) || !isPositive(timeoutSeconds) || !isPositive(reportSeconds) || !isTexts(servers)) return undefined;
  const probe = probeOf(value);
  return probe && { heartbeatSeconds, timeoutSeconds, reportSeconds, servers, ...probe };
}

/** What is said of probes: both or nothing. Undefined where it cannot be understood. */
function probeOf({ probeSeconds, probeTimeoutSeconds }: Fields): Pick<AgentSettings, 'probeSeconds' | 'probeTimeoutSeconds'> | undefined {
  if (probeSeconds === undefined && probeTimeoutSeconds === undefined) return {};
  return isPositive(probeSeconds) && isPositive(probeTimeoutSeconds) ? { probeSeconds, probeTimeoutSeconds } : undefined;
}

/** Reads one message of the server; undefined for anything this version does not understand, which an agent ignores. */
export function readServerMessage(text: string): ServerMessage | undefined {
  const value = readJson(text);
  if (!isFields(value)) return undefined;
  const { type, sequence } = value;
  if (type === 'welcome' || type === 'settings') return withSettings(type, value);
  if (type === 'heartbeat-ack') return typeof sequence === 'number' ? { type, sequence } : undefined;
  return aboutTrust(value) ?? aboutRenewal(value) ?? aboutTask(value) ?? aboutJournal(value) ?? aboutServers(value);
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function aboutTrust({ type, rootsPem, serial }: Fields): ServerMessage | undefined {
  if (type === 'rotate') return { type };
  if (type === 'trust' && isText(rootsPem)) return { type, rootsPem };
  return type === 'certificate-settled' && isText(serial) ? { type, serial } : undefined;
}

function aboutRenewal({ type, id, chainPem, reason }: Fields): ServerMessage | undefined {
  if (!isText(id)) return undefined;
  if (type === 'certificate' && isText(chainPem)) return { type, id, chainPem };
  if (type === 'renewal-refused' && isText(reason)) return { type, id, reason };
  return undefined;
}

function aboutTask(fields: Fields): ServerMessage | undefined {
  const { type, id } = fields;
  if (!isText(id) || !/^[0-9a-f-]{36}$/u.test(id)) return undefined;
  if (type === 'cancel-task' || type === 'task-recorded') return { type, id };
  return type === 'task' ? taskOf(id, fields) : undefined;
}

function taskOf(id: string, { lane, beginWithinSeconds, timeoutSeconds, work }: Fields): TaskMessage | undefined {
  const knownLane = taskLanes.find((one) => one === lane);
  if (knownLane === undefined || typeof beginWithinSeconds !== 'number' || !isPositive(timeoutSeconds)) return undefined;
  if (!isFields(work) || !('kind' in work) || !isText(work.kind)) return undefined;
  return { type: 'task', id, lane: knownLane, beginWithinSeconds, timeoutSeconds, work: work as TaskMessage['work'] };
}

function aboutJournal({ type, id, unit, lines, follow }: Fields): ServerMessage | undefined {
  if (!isText(id)) return undefined;
  if (type === 'journal-close') return { type, id };
  if (type !== 'journal-open' || !isText(unit) || typeof lines !== 'number' || !(lines >= 0) || typeof follow !== 'boolean')
    return undefined;
  return { type, id, unit, lines: Math.min(Math.floor(lines), 1000), follow };
}

function aboutServers({ type, servers, withinSeconds }: Fields): ServerMessage | undefined {
  if (type !== 'move' || !isTexts(servers) || servers.length === 0) return undefined;
  return typeof withinSeconds === 'number' && withinSeconds >= 0 ? { type, servers, withinSeconds } : undefined;
}

function withSettings(type: 'welcome' | 'settings', value: Fields): ServerMessage | undefined {
  const settings = settingsOf(value.settings);
  if (settings === undefined) return undefined;
  if (type === 'settings') return { type, settings };
  const { nodeId, nodeName } = value;
  return isText(nodeId) && isText(nodeName) ? { type, nodeId, nodeName, settings } : undefined;
}
