/** A message is examined in a thread within this; what takes longer ends the thread and is tried once more, by itself. */
export const examineMs = 3_000
/** A thread that starts on a busy machine: no fault of the message that waits for it. */
export const startMs = 30_000
/** Messages that the judging thread has at once: bounds the memory for their octets (1 MiB each at most). */
export const examinedAtOnce = 32
/** Messages that wait for their examination; beyond, they are delivered unjudged. */
export const maxWaitingExaminations = 1_000
/** Messages whose octets the judging thread is known to have. */
export const rememberedKeys = 32

/** Answers of scanners are kept for the next recipients of a message. */
export const rememberedScans = 256
export const scanRememberedMs = 60_000
/** Messages that wait for a scanner; beyond, it counts as absent for the next. */
export const maxWaitingScans = 256
/** A scanner that failed with one message may be there for others: it has so long to answer a ping. */
export const scannerPingMs = 500
/** Different messages in a row that it fails with, whatever it answers to pings: then it counts as absent. */
export const maxPoisonInARow = 3
/** A scanner that failed is asked again with one message after this; the others do not wait for it meanwhile. */
export const scannerRetryMs = 5_000

/** Reasons that are kept with a message, and characters of each detail. */
export const keptReasons = 12
export const keptDetailCharacters = 80

/** Moved letters are learnt when an account has been quiet for so long. */
export const learnQuietMs = 300
export const learnTickMs = 100
export const learnRetryMs = 60_000
/** After a failure so many letters are learnt one by one: as many as a batch has. */
export const carefulLetters = 250
