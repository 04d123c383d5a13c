/** What is said of folders, in English. */
const number = new Intl.NumberFormat('en')

export const foldersEn = {
  add: 'New folder',
  change: (name: string) => `Change the folder “${name}”`,
  title: 'Change the folder',
  name: 'Name',
  below: 'Inside',
  top: 'No other folder',
  create: 'Create',
  keep: 'Save',
  remove: 'Delete…',
  removeTitle: (name: string) => `Delete the folder “${name}”?`,
  removeText: (count: number) =>
    count === 0
      ? 'It is empty.'
      : `Its ${number.format(count)} ${count === 1 ? 'letter goes' : 'letters go'} to the trash.`,
  removeSure: 'Delete the folder',
  hasBelow: 'It has folders inside. Delete those or move them first.',
  taken: 'There is a folder of that name.',
  refused: 'A folder cannot be called so.',
  failed: 'That did not work. Try again shortly.',
  makeAndMove: (name: string) => `New folder “${name}”`,
}
