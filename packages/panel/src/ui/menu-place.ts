/**
 * Where an open menu is put: inside the page's main part, so that whoever goes from landmark to landmark comes to it. At the end of the
 * document, where it would be else, it belongs to nothing.
 */
export const inMain = { appendTo: (): HTMLElement => document.querySelector('main') ?? document.body };
