/** Of a letter's way, what stands in the menu and beside sent letters, in English. */
export const trackShortEn = {
  title: 'Track this mail',
  sent: {
    sending: 'Sending',
    waiting: 'Waiting',
    held: 'Held back',
    delivered: 'Delivered',
    failed: 'Not delivered',
    partly: 'Partly delivered',
  },
}
