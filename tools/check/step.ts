/** One line of the check: what it is called and what is wrong, in lines for a person. No lines: passed. */
export type StepResult = { readonly name: string; readonly problems: readonly string[]; readonly note?: string };

/** A piece of work that answers one or more lines of the check. */
export type Step = { readonly names: readonly string[]; readonly run: () => Promise<readonly StepResult[]> };

/** A step that is one program whose exit status is the verdict. */
export const resultOf = (name: string, status: number | null, said: string): StepResult => ({
  name,
  problems: status === 0 ? [] : [said.trim() || `ended with status ${status} and said nothing`],
});
