/** Letters are indexed when an account has been quiet for so long; reading a few that are not indexed costs a search little. */
export const indexQuietMs = 1000
/** Where letters come without a pause, they do not wait longer than this for one. */
export const indexLatestMs = 2000
/** After so long without a letter an index is tidied up. */
export const indexCalmMs = 4000
/** With so many waiting the account does not need to be quiet: a search that reads them takes some tenths of a second longer. */
export const eagerLetters = 10_000
/** How often accounts that wait for their turn are looked at. */
export const indexTickMs = 200
/** An account whose index cannot be written is tried again after this, later each time. */
export const indexRetryMs = 60_000
/** Letters asked for in one call of the search thread; it ends earlier when time is up. */
export const lettersPerRead = 256
/** After a failure so many letters are indexed one by one: as many as a batch has. */
export const carefulLetters = 2048
/** How often accounts whose letters have documents to be read are looked at */
export const documentTickMs = 500
/** Terms asked of the index in one call: each takes about a millisecond for 100,000 letters. */
export const termsPerCall = 16
