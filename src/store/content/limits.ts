/** Raised whenever tokens, their hash or the tables change: older files are built anew from the mailboxes. */
export const junkFormat = 1

/** One call of the learning thread ends with the first of these: letters read, time. */
export const batchLetters = 200
export const batchMs = 400
/** A file that is built anew begins with the newest good letters, so many: older ones say little about what comes now. */
export const firstHamLetters = 2000
/** So many good letters that were merely read are learnt for each piece of junk (and as many again to begin with): more change nothing. */
export const keptPerJunk = 10
export const keptAtFirst = 200

/** Tokens of one account; the rarest and oldest make way, an eighth at a time. About 25 octets each. */
export const maxTokens = 200_000
/** Senders and domains of one account whose letters were learnt, and addresses that the account has written to. */
export const maxSenders = 20_000
export const maxCorrespondents = 50_000
/** Once so many letters were learnt, all counts are halved: what was learnt long ago fades. */
export const agesAt = 20_000

/** Open files of the learning thread: about six descriptors with the account's own connection. */
export const openJunkFiles = 32
export const junkCacheKiB = 512
/** Open files of the judging thread, three descriptors each: to open one takes as long as to judge a letter, and mail comes for all accounts in turn. */
export const openJudgedFiles = 160
export const judgedCacheKiB = 256

/** Examinations that the judging thread keeps for the next recipient of the same message. */
export const keptExaminations = 64

/** Learning gives way to everything else that wants the processor. */
export const learnThreadNice = 10
