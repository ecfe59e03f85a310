/** Each folder on the way to a place, and it. Pure. */
export const withParents = (path: string): string[] =>
  path.split('/').flatMap((_part, index, all) => (index === 0 ? [] : [all.slice(0, index + 1).join('/')]));
