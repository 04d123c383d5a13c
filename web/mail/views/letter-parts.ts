/** One part of the program, loaded by letter-body.ts. */
export { Attachments } from './attachments.tsx'
export { LetterContent } from './letter-content.tsx'
