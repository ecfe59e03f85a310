/*
 * What a program on a node printed may hold bytes that steer a terminal, and characters that turn the direction of the text around them. A
 * browser runs neither, but shows the first as nothing and lets the second forge what one reads.
 */

/** Control characters but tab and line feed, those that change the direction of text, and those that nobody sees. */
const hidden = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

/** Its code, as `<1B>`: fonts lack the pictures that Unicode has for these. */
const named = (character: string): string => `<${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}>`;

/** The text with every character visible that would not be; carriage returns before a line's end are dropped. */
export const printable = (text: string): string => text.replaceAll('\r\n', '\n').replaceAll(hidden, named);
