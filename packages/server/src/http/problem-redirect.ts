import { ProblemError } from '@muster/api';

/** A problem that a browser is told by the page it is sent to. */
export class ProblemRedirect extends ProblemError {
  /** A page of the panel. */
  readonly location: string;
  constructor({ problem }: ProblemError, location: string) {
    super(problem);
    this.location = location;
  }
}
