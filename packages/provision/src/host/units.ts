/** The unit of the agent on every host. */
export const agentUnit = 'muster-agent.service';
