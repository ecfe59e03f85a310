/** What a part of the test run found. */
export type PartResult = {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What is wrong, in lines for a person: failures, and what makes a run worthless though nothing failed. */
  readonly problems: readonly string[];
  /** Tests that failed and then passed in a second run. They are defects too: of the test, or of what it tests. */
  readonly unstable?: readonly string[];
};

/** A part of `npm test`. */
export type Part = {
  readonly name: string;
  /** Why this machine cannot run the part; undefined where it can. */
  readonly missing: () => Promise<string | undefined>;
  readonly run: (live: boolean) => Promise<PartResult>;
};
