/** Accounts kept as objects when nobody has them open: a few hundred octets each. */
export const maxIdleAccounts = 5000
/** Mailboxes kept in memory after the last session has closed them, so that opening them again costs nothing: 24 octets a message. */
export const warmMessages = 1_000_000
export const warmMailboxes = 512
/** So many runs of messages with the same flags are told to the writer: then it need not look at each before it changes them. */
export const maxKnownRuns = 200
/** Changes kept while a mailbox is being read; beyond, it is read again. */
export const maxBacklog = 2000
/** Rows read on the main thread in one go: about a millisecond. */
export const rowsPerTick = 100
/** The same for rows of a few numbers that lie side by side. */
export const idsPerTick = 2000
/** The same for single values by key. */
export const valuesPerTick = 400
/** From so many rows on the way to the reading thread and back is worth it: the main thread writes what came before meanwhile. */
export const readInThreadFrom = 100
/** So many such reads wait for it at most; one more is done on the main thread. */
export const maxEmailReads = 2
/** Rows asked for at a time. */
export const maxEmailRows = 1000
/** Confirmations wait for the account's next commit, but no longer than this. */
export const confirmWithinMs = 20_000
/** Confirmations of one account that may wait. */
export const maxWaitingConfirmations = 1000
/** Usage remembered without opening the account. */
export const maxRememberedUsage = 20_000
/** A script of a person is a few KiB; what programs generate reaches some tens. */
export const defaultMaxScriptBytes = 256 * 1024
/** Active scripts kept in memory, a few KiB each. */
export const maxRememberedScripts = 200
/** The free room of the file system is asked for at most this often. */
export const diskCheckMs = 1000
/** Kept free for deletes, flags and write-ahead logs while new mail is already deferred. */
export const defaultDiskReserveBytes = 64 * 1024 * 1024
/** A database that is busy for the moment is asked again: for two seconds in all. */
export const busyAttempts = 100
export const busyPauseMs = 20
/** How often accounts that changed are rid of what is old enough. */
export const tidyEveryMs = 6 * 3600 * 1000
