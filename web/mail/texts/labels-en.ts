/** What is said of labels, in English. */
const number = new Intl.NumberFormat('en')
const conversations = (count: number) => `${number.format(count)} ${count === 1 ? 'conversation' : 'conversations'}`

export const labelsEn = {
  /** Thunderbird's names of its tags */
  standard: { $label1: 'Important', $label2: 'Work', $label3: 'Personal', $label4: 'To Do', $label5: 'Later' },
  /** Of the search box */
  operator: 'label',
  title: 'Labels',
  choose: 'Labels…',
  find: 'Find or name a new label',
  create: (name: string) => `New label “${name}”`,
  none: 'No labels yet. Type a name to make the first.',
  manage: 'Manage labels…',
  off: (name: string) => `Take off ${name}`,
  some: 'On some of them',
  name: 'Name',
  color: (name: string) => `Colour of ${name}`,
  colors: {
    red: 'red',
    orange: 'orange',
    yellow: 'yellow',
    green: 'green',
    teal: 'teal',
    blue: 'blue',
    purple: 'purple',
    pink: 'pink',
    brown: 'brown',
    gray: 'gray',
  },
  add: 'Add',
  newName: 'New label',
  rename: (name: string) => `Name of ${name}`,
  remove: (name: string) => `Delete ${name}`,
  removeTitle: (name: string) => `Delete the label “${name}”?`,
  removeText: (count: number) =>
    count === 0
      ? 'No letter has it.'
      : `It is taken off ${number.format(count)} ${count === 1 ? 'letter' : 'letters'}. The letters stay where they are.`,
  removeSure: 'Delete the label',
  taken: 'There is a label of that name.',
  notKept: 'It could not be kept.',
  hint: 'Mail programs see a label as a keyword (a tag). Those that Thunderbird knows by itself have its names.',
  keyword: (keyword: string) => `Keyword in mail programs: ${keyword}`,
  added: (count: number, name: string) => `${conversations(count)} labelled ${name}`,
  takenOff: (count: number, name: string) => `${name} taken off ${conversations(count)}`,
}
