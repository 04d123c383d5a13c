export const displayEn = {
  swipe: 'Swiping a conversation (touch screens)',
  sides: { right: 'To the right', left: 'To the left' },
  swipes: {
    archive: 'Archive',
    trash: 'Delete',
    read: 'Read or unread',
    star: 'Star',
    junk: 'Junk',
    none: 'Nothing',
  },
  swipeHint: 'A long press on a conversation selects it.',
  keys: 'Keyboard',
  singleKeys: 'Single-key shortcuts',
  singleKeysHint:
    'Letters and signs such as e, # or ? do something at once. Switched off, arrows, Enter, Delete and Esc still work.',
}
