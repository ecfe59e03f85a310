export { Config } from './config/config.ts';
export { ConfigError } from './config/config-error.ts';
export { makeLog } from './make-log.ts';
export { loadConfig } from './config/load-config.ts';
export { printConfig } from './config/print-config.ts';
export { startServer, type RunningServer, type StartOptions } from './main.ts';
export { StartError } from './start-error.ts';
export { type InstallationRestore, restoreInstallation, type RestoredInstallation } from './backup/restore-installation.ts';
export { version } from './version.ts';
