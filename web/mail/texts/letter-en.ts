/** What can be done with a letter that is read: trust, charsets, leaving lists, printing. */
export const letterEn = {
  trustNotKept: 'It could not be kept that images of this sender are shown.',
}
