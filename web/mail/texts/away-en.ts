/** What is said while there is no network, and about news, in English. */
const number = new Intl.NumberFormat('en')

export const awayEn = {
  reconnecting: 'No connection. Reconnecting…',
  asOf: (time: string) => `Offline, as of ${time}.`,
  waiting: (count: number) => `${number.format(count)} ${count === 1 ? 'thing waits' : 'things wait'} for the network`,
  lettersWait: (count: number) =>
    `${number.format(count)} ${count === 1 ? 'letter waits' : 'letters wait'} for the network`,
  waitingTitle: 'Waiting for the network',
  waitingHint: 'It is done by itself, in this order, as soon as the server can be reached.',
  nothingWaits: 'Nothing waits any more.',
  changes: (count: number) =>
    `${number.format(count)} ${count === 1 ? 'change' : 'changes'} to letters (moved, read, starred)`,
  draft: 'Draft',
  toBeSent: 'To be sent',
  refused: (why: string) => `The server refused it: ${why}`,
  beingAsked: 'Its answer was lost: the server is asked first whether it has left.',
  takeBack: 'Take back',
  takeBackAll: 'Undo the changes',
  queued: 'No connection: it is sent as soon as there is one.',
  draftKept: 'Kept in this browser',
  fileWaits: 'Waits for the network',
  filesTooMuch: (name: string, limit: string) =>
    `${name} was not attached: without a network at most ${limit} of files are kept here.`,
  fileNoRoom: (name: string) => `${name} was not attached: without a network this browser does not keep it.`,
  filesWait: (count: number, size: string) => `${number.format(count)} ${count === 1 ? 'file' : 'files'}, ${size}`,
  wasSent: (subject: string) => `“${subject}” was sent.`,
  wasRefused: (subject: string) => `“${subject}” was refused by the server.`,
  changeRefused: 'A change that waited for the network was refused by the server.',
  notKept: 'This letter is not kept in this browser. It can be read when the network is back.',
  searchedHere: 'Offline: only the letters that are kept in this browser were searched.',
  contactsReadOnly: 'Offline: contacts can be looked at, and changed when the network is back.',
  leaveTitle: 'Sign out?',
  leaveHint: 'What waits for the network has not been done yet, and is lost when you sign out.',
  leave: 'Sign out all the same',
  stay: 'Stay',
  news: {
    title: 'Notify me of new mail',
    choices: { off: 'Off', open: 'While the webmail is open', closed: 'Also when it is closed' },
    hint: 'Only of what arrives in the inbox and nobody has read yet. In this browser alone.',
    hides: 'Say that there is mail, but not from whom and what about',
    denied: 'The browser does not allow it: allow notifications for this page in its settings, then choose again.',
    failed: 'The push service of this browser did not answer. Try again later.',
    cannot: 'This browser cannot show notifications for this page.',
    cannotPush: 'While the webmail is closed this browser cannot be told.',
  },
}
