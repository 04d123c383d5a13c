/** Every bound of JMAP. What the Session object announces (RFC 8620 §2) is here too. */

/** RFC 8620 §2 suggests at least so much: attachments go by upload, but bodies come in requests. */
export const maxSizeRequest = 10_000_000
export const maxCallsInRequest = 64
/** Of one account, over all of its clients */
export const maxConcurrentRequests = 16
export const maxConcurrentUpload = 4
/** Event sources of one account: some tabs and devices, and those that have left without a word */
export const maxEventSources = 32
/** WebSockets of one account, as many as event sources for the same reason */
export const maxWebSockets = 32
/** Requests of one WebSocket that run at the same time; the next ones wait in the network */
export const maxWebSocketRequests = 4
export const maxObjectsInGet = 500
export const maxObjectsInSet = 500

/** Nested filters and body structures need some; every level of a hostile one costs us a call. */
export const maxJsonDepth = 100
/** Values of all kinds in one request: ten megabytes of `[[],[],…` are hundreds of megabytes of memory. */
export const maxJsonValues = 200_000
/** Characters of JSON between two looks at the clock */
export const jsonSliceCharacters = 256 * 1024
/** Work on the main thread before others get their turn */
export const sliceMs = 5

/** Octets of a request that is being read */
export const requestReadMs = 60_000
/** All calls of a request; what is not done by then is answered with serverUnavailable */
export const requestRunMs = 60_000
export const answerMs = 60_000
/** An upload may be slow, but not for ever: it goes on while this much comes in a minute */
export const uploadSilenceMs = 60_000
export const uploadTotalMs = 60 * 60_000

/** RFC 8620 §7.3: the least may not be above 30, the most not below 300 */
export const minPingSeconds = 1
export const maxPingSeconds = 900
/** After so long without a word on an event source a comment is sent: less than a door's or a proxy's patience */
export const silentSourceMs = 50_000

/** Between two pings on a WebSocket; who has not answered one by the next is left */
export const webSocketPingMs = 50_000
/** For the peer's half of the closing handshake */
export const webSocketCloseMs = 2_000
/** Of one request's created ids, those that it brought included */
export const maxCreatedIds = 10_000
/** Values that one result reference may bring together */
export const maxReferencedValues = 50_000

/** Ids in one answer of a /changes method: whoever asks for more goes on from its newState. */
export const maxChangesAtOnce = 5_000
/** Ids in one answer of a /query method */
export const maxQueryIds = 10_000
/** Conditions and operators of one filter, on all levels */
export const maxFilterConditions = 200
export const maxSortComparators = 8
/** Rows by key read in one go on the main thread */
export const rowsPerRead = 200
/** Text of bodies in one answer of Email/get: what does not fit is cut, and says so */
export const maxBodyValueBytes = 16 * 1024 * 1024
/** Octets in one answer of Blob/get: what is larger is for the download URL */
export const maxBlobDataBytes = 16 * 1024 * 1024
/** Octets that one Blob/get reads for digests and ranges */
export const maxBlobReadBytes = 512 * 1024 * 1024
/** Pieces of one blob in Blob/upload; 64 at least (RFC 9404 §3) */
export const maxDataSources = 100
/** Words and phrases that one filter looks for */
export const maxSearchTerms = 64

/** Parts of an email that is made: far above what a person attaches */
export const maxNewParts = 1_000
/** Characters of its header: thousands of recipients */
export const maxNewHeaderCharacters = 256 * 1024
/** Octets of emails that are made in one commit; those of larger calls follow in the next ones */
export const maxCreationBytes = 8 * 1024 * 1024
/** Text parts of a letter in which a snippet is looked for, and octets of each: what lies behind was found, but is not shown */
export const maxSnippetParts = 4
export const maxSnippetBytes = 128 * 1024
/** Blobs in one Blob/text or Blob/entries: what a person looks at is one or two */
export const maxViewedBlobs = 16
/** Octets of an archive whose directory is read: it has to be in memory */
export const maxArchiveBytes = 25 * 1024 * 1024

/** Octets of photos that one ContactCard/set brings: a hundred of the largest */
export const maxPhotoBytesInSet = 32 * 1024 * 1024
/** Characters of cards in one answer of ContactCard/get, as JSON */
export const maxCardCharactersInGet = 16 * 1024 * 1024
