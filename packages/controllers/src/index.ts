export { HealthLoop, type HealthLoopParts, type PresencePort } from './health/health-loop.ts';
