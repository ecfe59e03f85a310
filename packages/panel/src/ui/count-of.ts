/** How many nodes, in words. */
export const countOf = (count: number): string => (count === 1 ? '1 node' : `${count.toLocaleString('en-GB')} nodes`);
