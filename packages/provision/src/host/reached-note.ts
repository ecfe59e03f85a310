/**
 * Where a host keeps which others it has reached, so that the next run need not ask again. In /run: a host that was started anew may have
 * other firewall rules.
 */
export const reachedPath = '/run/muster-reached';
