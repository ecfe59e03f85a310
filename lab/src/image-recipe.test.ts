import { describe, expect, it } from 'vitest';

import { labRecipe, recipeHash } from './image-recipe.ts';

describe('recipeHash', () => {
  it('is the same for the same recipe and another for any change', () => {
    const recipe = labRecipe();
    expect(recipeHash(labRecipe())).toBe(recipeHash(recipe));
    const changed = [
      { ...recipe, suite: 'trixie' },
      { ...recipe, packages: [...recipe.packages, 'vim'] },
      { ...recipe, files: recipe.files.map((file) => ({ ...file, mode: 0o600 })) },
      { ...recipe, commands: recipe.commands.slice(1) },
    ];
    expect(new Set([recipe, ...changed].map((one) => recipeHash(one))).size).toBe(changed.length + 1);
  });
});
