/** What is said while something is done to all letters of a list, in English. */
const number = new Intl.NumberFormat('en')
const letters = (count: number) => `${number.format(count)} ${count === 1 ? 'letter' : 'letters'}`
const conversations = (count: number) => `${number.format(count)} ${count === 1 ? 'conversation' : 'conversations'}`

export const bulkEn = {
  loaded: (count: number) => `${number.format(count)} that are loaded are selected.`,
  takeMailbox: (count: number) => `Select all ${conversations(count)} here`,
  takeSearch: (count: number) => `Select all ${conversations(count)} found`,
  collecting: (found: number) => `Selecting… ${number.format(found)}`,
  stop: 'Stop',
  allOfMailbox: (count: number) => `All ${letters(count)} here are selected, but nothing that comes later.`,
  allOfSearch: (count: number) => `All ${letters(count)} found are selected, but nothing that comes later.`,
  bounded: (count: number, total: number) =>
    `The newest ${letters(count)} of ${number.format(total)} are selected: more cannot be done at once.`,
  onlyLoaded: 'Select only what is loaded',
  changing: 'This list changes too fast to select all of it. Try again in a moment.',
  destroySure: (count: number) => `Delete ${letters(count)} for ever?`,
  doing: {
    archive: 'Archiving',
    trash: 'Moving to the trash',
    junk: 'Moving to Junk',
    notJunk: 'Moving to the inbox',
    move: 'Moving',
    destroy: 'Deleting',
    star: 'Adding stars',
    unstar: 'Removing stars',
    read: 'Marking as read',
    unread: 'Marking as unread',
    label: 'Changing labels',
    undo: 'Taking back',
  },
  progress: (seen: number, total: number) => `${number.format(seen)} of ${number.format(total)}`,
  busy: 'Something is being done to many letters already.',
  done: (count: number) => `Done: ${letters(count)}.`,
  stopped: (count: number) => `Stopped. ${letters(count)} had been done.`,
  failed: (count: number) => `Not all of it worked. ${letters(count)} had been done.`,
  undone: (count: number) => `Taken back: ${letters(count)}.`,
}
