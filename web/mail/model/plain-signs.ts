/** Words of strangers, as they may stand beside ours. Pure. */

/** What turns letters round until it is ended (UAX #9, 2.1 to 2.4): `evil\u202egnp.exe` reads as `evilexe.png`. Scripts that run to the left need none. */
const turning = /[\u202a-\u202e\u2066-\u2069]/g
/** And those that only say which way what stands beside them runs: in a name nobody would see them */
const marks = /[\u200e\u200f\u061c]/g
/** Nothing is seen where these stand: spaces, marks of format, fillers and the empty sign of Braille */
const unseen = /[\s\p{Z}\p{C}\p{Default_Ignorable_Code_Point}\u2800]/gu

/** Each sign where it is written. */
export function plainSigns(text: string): string {
  return text.replaceAll(turning, '')
}

/** Of a label, a folder, a link, an address or a note: what somebody brought in, and shows as one's own */
export function plainName(text: string): string {
  return plainSigns(text).replaceAll(marks, '')
}

/** The first of these that says anything */
export function subjectText(...all: readonly (string | null | undefined)[]): string | undefined {
  const found = all.find(one => typeof one === 'string' && isSeen(one))
  return typeof found === 'string' ? plainSigns(found).trim() : undefined
}

export function isSeen(text: string): boolean {
  return text.replaceAll(unseen, '') !== ''
}
