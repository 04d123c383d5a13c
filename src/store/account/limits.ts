/** Larger messages are files of their own: a blob of this size still costs one sync and little page traffic. */
export const blobLimitBytes = 128 * 1024
/**
 * A lone small message touches about fifteen pages, each written to the WAL whole. Measured with 50 callers over 100 accounts:
 * 8 KiB pages 1600 deliveries/s, 4 KiB 2500; one account alike.
 */
export const pageSizeBytes = 4096
/**
 * The WAL is written back when it has so many pages. Measured as above: 4000 pages 2150/s (the file grows for long, and every
 * growth is a further disk write), 1000 pages 3100/s, 250 pages 3050/s.
 */
export const checkpointPages = 1000
/** A commit of so many pages is a large one: it is written back a little later, milliseconds … */
export const largeCommitPages = 500
export const checkpointDelayMs = 200
/** … but for so many pages in the WAL nothing is waited for. */
export const maxWalPages = 8000
/** The WAL file is cut back to this after a burst (a long reader can let it grow). */
export const walLimitBytes = 64 * 1024 * 1024
/** A journal begins anew when it holds so much: then each account in it is synced once. */
export const journalBytes = 64 * 1024 * 1024
/** While accounts cannot be opened their records stay in the journal: beyond this each delivery syncs its own account. */
export const maxJournalBytes = 4 * journalBytes
/** Deliveries of an account that wait in the journal share a commit: at most so many, of so many octets (within the page cache) … */
export const deferredOperations = 64
export const deferredBytes = 512 * 1024
/**
 * … that come within so long, milliseconds, while the server is busy and nobody looks at the account (a look commits, and what
 * is looked at commits at once) …
 */
export const deferredMs = 500
/** … or until the thread has had nothing to do for so long. */
export const deferredIdleMs = 10
/** Several accounts within so long: others will follow, so what comes in the next such time uses the journal. */
export const busyMs = 100
/** After so long without deliveries the accounts are synced and the journal is empty. */
export const journalIdleMs = 2000
/** Messages of one APPEND that are answered out of the journal: so many or more (fewer cost no time to speak of) … */
export const appendLaterFrom = 16
/** … of so many octets at most: they are held in memory meanwhile, and a record has a bound. */
export const maxAppendLaterBytes = 32 * 1024 * 1024
/** Accounts that cannot be opened are tried again this often while their records wait in the journal. */
export const owedRetryMs = 5000

/** Open databases per writer thread: 3 descriptors and about half a MiB each. */
export const openPerWriter = 200
/** Open read connections of the main thread and of each reader thread. */
export const openReaders = 128
/** Page cache of one connection. */
export const writerCacheKiB = 1024
export const readerCacheKiB = 512

/** A damaged database is not read through again for every letter that comes for it. */
export const recheckDamagedMs = 60_000
/** A thread that ended is started again, but not faster than this. */
export const threadRestartMs = 1000
/** Reads that wait for the successor look for it this often. */
export const threadEndedPauseMs = 50

export const maxMailboxes = 10_000
/** UTF-8 octets of a whole mailbox name; longer names break clients and file exports. */
export const maxMailboxNameBytes = 1000
export const maxMailboxDepth = 32
export const maxKeywordBytes = 128
/** Annotations (RFC 5464): of one mailbox, or of the account as a whole. §4.1 wants 10 of 1024 octets at least … */
export const maxMetadataEntries = 100
export const maxMetadataValueBytes = 64 * 1024
/** … and in all, names included: they are in nobody's quota. */
export const maxMetadataBytes = 16 * 1024 * 1024
/** What scripts remember (duplicate, vacation): years of a busy account; beyond, what would be forgotten first goes first. */
export const rememberedKept = 20_000
/** Scripts of an account (RFC 5804): far more than anybody writes, and a bound for what nobody's quota counts. */
export const maxScripts = 64
export const maxScriptsBytes = 4 * 1024 * 1024
/** A thread is found by the newest so many references; older ones only cost. */
export const maxReferences = 50

const dayMs = 24 * 3600 * 1000
/** A sender that has heard nothing tries again for at most five days (RFC 5321 §4.5.4.1). */
export const mergeWindowMs = 5 * dayMs
/** Hold (30 days) and the merge window, and some. */
export const deliveryKeptMs = 40 * dayMs
/** However wrong the clock, the newest so many delivery rows stay. */
export const deliveriesKept = 1000
export const tombstonesKeptMs = 90 * dayMs
export const tombstonesKept = 10_000
export type BulkLimits = {
  /** Placements that one statement reads or changes: bounds what is held of them, and costs nothing to speak of */
  readonly rangeRows: number
  /** Some of which have copies and some not: so few are looked at one by one, of more a part is tried */
  readonly eachRows: number
  /** Emails that go with one operation are destroyed in it when they are so few, else afterwards … */
  readonly destroyedAtOnce: number
}
export const bulkLimits: BulkLimits = { rangeRows: 8192, eachRows: 64, destroyedAtOnce: 64 }
/** … in transactions of about so long, milliseconds … */
export const destructionMs = 5
/** … the first of them after a pause, in which the next command may come, and with room for others between them. */
export const destructionDelayMs = 100
export const destructionPauseMs = 5
/** Rows that one commit may prune, so that pruning is never felt. */
export const pruneBatch = 64
/** Small objects of JMAP of one kind in an account; each is read with all others */
export const maxObjects = 1000
/** Characters of all of one kind together */
export const maxObjectsBytes = 4 * 1024 * 1024
/** Characters of one, as JSON: a signature with a picture in it has some tens of KiB */
export const maxObjectBytes = 128 * 1024
/** Reports on one letter that was sent from here, by its id or its envelope's; more are letters like others */
export const maxReportsAlike = 100

export const maxAddressBooks = 100
export const maxContactCards = 20_000
/** Octets of all cards, photos included: they are in nobody's quota */
export const maxContactsBytes = 128 * 1024 * 1024
/** Addresses of one card by which scripts and the junk filter find it: people have a few */
export const maxCardAddresses = 200
/** Address books and cards that are no more and can still be told */
export const contactsGoneKept = 10_000
