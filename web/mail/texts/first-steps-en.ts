/** What somebody new is invited to try, in English. */
export const firstStepsEn = {
  title: 'First steps',
  allDone: 'That was all. Welcome!',
  end: 'Close the first steps for good',
  search: (words: string) => `Search for “${words}”`,
  writeTo: (address: string) => `Write to ${address}`,
  done: 'Done',
  open: 'Not yet',
}
