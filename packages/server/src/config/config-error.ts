/** Something in the configuration is wrong. The message names file or variable, key, and the way out. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
