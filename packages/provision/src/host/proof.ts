import { undoFolder } from './undo-notes.ts';

/** Stands from the first change of a phase until what it has made was proved: a proof that failed, or was cut off, is not forgotten. */
const proofMark = (phase: string): string => `${undoFolder}/unproven.${phase}`;

/** Script before a phase acts. */
export const noteUnproven = (phase: string): string => `mkdir -p -m 0700 ${undoFolder} && : > ${proofMark(phase)}`;

/** Script after its proof. */
export const noteProven = (phase: string): string => `rm -f ${proofMark(phase)}`;

/** Lines of an observing script that print whether a proof is owed; `owesProof` reads it. */
export const observeProof = (phase: string): string => `if [ -e ${proofMark(phase)} ]; then echo unproven=yes; fi`;

/** Whether a proof is owed, from what `observeProof` printed. */
export const owesProof = (output: string): boolean => /^unproven=yes$/mu.test(output);
