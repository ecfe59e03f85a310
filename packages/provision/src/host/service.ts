import { readLines } from './run-script.ts';

/** A systemd unit that a run starts, as a host shows it. */
export type ServiceState = { readonly active: boolean; readonly enabled: boolean; readonly restartPending: boolean };

/**
 * Stands while something that the running program has not yet read was changed under it. A run that ends between the change and the
 * restart leaves it behind, and the next run makes up for the restart. In /run, because a reboot restarts everything.
 */
const pendingMark = (unit: string): string => `/run/muster-restart-pending.${unit}`;

/** Lines of script that print how a unit fares, for `serviceState`. */
export const observeService = (unit: string): string => `
printf 'active=%s\\n' "$(systemctl is-active ${unit} 2>/dev/null)"
printf 'enabled=%s\\n' "$(systemctl is-enabled ${unit} 2>/dev/null)"
if [ -e ${pendingMark(unit)} ]; then echo pending=yes; else echo pending=no; fi
`;

/** Reads what `observeService` printed. */
export function serviceState(output: string): ServiceState {
  const lines = readLines(output);
  return {
    active: lines.get('active') === 'active',
    enabled: lines.get('enabled') === 'enabled',
    restartPending: lines.get('pending') === 'yes',
  };
}

/** The line of script to run before anything that a unit reads is changed. */
export const noteRestart = (unit: string): string => `: > ${pendingMark(unit)}`;

/** The same for what a reload makes it read; a restart does too. */
const reloadMark = (unit: string): string => `/run/muster-reload-pending.${unit}`;

/** Line of script that prints `reload=yes` while a reload is owed. */
export const observeReload = (unit: string): string => `if [ -e ${reloadMark(unit)} ]; then echo reload=yes; fi`;

/** The line of script to run before anything is changed that a reload makes a unit read. */
export const noteReload = (unit: string): string => `: > ${reloadMark(unit)}`;

/** Lines of script that make a running unit read its settings; `how`, where that is not by systemd. */
export const reloadService = (unit: string, how = `systemctl reload ${unit}`): string => `
set -eu
${how}
rm -f ${reloadMark(unit)}
`;

/** Lines of script that make systemd read the unit, start it at boot, and start it anew now. */
export const restartService = (unit: string): string => `
set -eu
systemctl daemon-reload
systemctl enable --quiet ${unit}
systemctl restart ${unit}
rm -f ${pendingMark(unit)} ${reloadMark(unit)}
`;
