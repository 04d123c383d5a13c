/** Raised whenever folding, grams, the texts of a letter or the tables change: older indexes are built anew. */
export const indexFormat = 6

/** One batch of indexing ends with the first of these: letters, finds (a gram in a zone of a letter), grams, octets, time. */
export const batchLetters = 2048
export const batchFinds = 4_000_000
export const batchGrams = 1_000_000
export const batchBytes = 32 * 1024 * 1024
export const batchMs = 1000
/** Rows of letters, and octets that are in the database, read ahead at a time */
export const rowsPerRead = 32
export const bodiesPerRead = 16

/** Letters whose documents have been read make a segment when they are so many, or when no more wait. */
export const batchDocuments = 64
/** Zstandard: their text is written once and read seldom. */
export const documentCompressionLevel = 6

/** Letters of the largest segment: bounds what one merge has to do. */
export const maxSegmentLetters = 65_536
/** As many neighbours of about one size become one, so that a query looks into few segments. */
export const mergeSegmentsFrom = 8
/** While letters come without a pause: fewer and larger merges, what is left is done when none come. */
export const mergeSegmentsFromBusy = 32
/** A segment is written anew when more than one in so many of its letters is gone. */
export const goneShare = 5
/** Blocks written in one transaction: about 2 MB. */
export const blocksPerCommit = 256
/** Free pages beyond a quarter of the file go back to the disk, so many at a time. */
export const vacuumPages = 2000

/** A write-ahead log that has grown larger by the end of a batch is written back and cut. */
export const walBytes = 1024 * 1024

/** Open indexes of the search thread: about six descriptors with the account's own connection. */
export const openIndexes = 32
/** Of the index thread: to close one and open it again costs more than to index the letters of a second. */
export const openWrittenIndexes = 128
export const indexCacheKiB = 512
/** Letters whose segments the search thread keeps in memory, over all accounts: four octets each, and as much again for blocks. */
export const cachedLetters = 4_000_000

/** One call that reads letters ends after this: other searches wait in the same thread. */
export const readMs = 30

/** So many, and no larger ones, are read where the index was asked: two milliseconds or so */
export const fewLetters = 8
export const smallLetterBytes = 32 * 1024

/** Of one document, of the processor: what takes longer, or more memory, has been made for it, and has no text. */
export const documentMs = 20_000
/** Others go first: so many times as long it may take by the clock. */
export const documentPatience = 10
export const documentHeapMb = 256
/** Buffers, which the heap's bound leaves out, as they are looked at so often */
export const documentBufferBytes = 384 * 1024 * 1024
export const documentLookMs = 50
/** Then the thread that reads documents ends. */
export const documentThreadIdleMs = 10_000
export const documentThreadNice = 15

/** Beyond what the process has: the index thread gives way to everything else of it that wants the processor. */
export const indexThreadNice = 10
