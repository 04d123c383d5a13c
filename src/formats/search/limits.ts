/** Of one letter, so much folded text is searched (UTF-16 units, header aside): bounds the time and memory a hostile letter costs. */
export const maxLetterUnits = 2 * 1024 * 1024
/**
 * A letter with more different grams is not indexed, but read by every search: noise would otherwise make the index larger than
 * the mail. Everything that ASCII can form is fewer, and so is a long book in any script.
 */
export const maxLetterFinds = 400_000
/** Text parts, and headers of inner messages, that are read of one letter. A list digest has some dozens. */
export const maxSearchedParts = 1000
/** Grams that are looked up for one needle: more add nothing that verification would not do. */
export const maxNeedleGrams = 16
/** Words of these lengths are noted as such, when at least so many letters of a segment have them: rarer ones are soon read. */
export const minWordUnits = 4
export const maxWordUnits = 32
export const rareWordLetters = 16
/** Of what is written without blanks, so many characters in a row count as a word. */
export const cjkWordUnits: readonly number[] = [3, 4]
/** A header field that is longer is not kept with the index; so are letters grouped whose fields are. */
export const maxFieldUnits = 2000
export const fieldGroupLetters = 128
/** Octets gathered in one block: with its row it fills one database page of 8 KiB. */
export const blockBytes = 8000
