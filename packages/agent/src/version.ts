import manifest from '../package.json' with { type: 'json' };

/** Version of this agent, as `hello` and the facts carry it. */
export const agentVersion: string = manifest.version;
