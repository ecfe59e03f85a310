/**
 * Why something could not be done with an environment, in a sentence for the administrator. `passing`: trying again later may help
 * (network, disk, a process that still uses it). `definition`: it fails everywhere, until someone changes it.
 */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
  readonly fault: 'passing' | 'definition';
  constructor(fault: 'passing' | 'definition', message: string, options?: ErrorOptions) {
    super(message, options);
    this.fault = fault;
  }
}
