/** Id of the element that holds the page and scrolls. */
export const mainId = 'main';
