/** Octets of a message that are examined; scanners see all of it. What lies behind is judged by what stands before it. */
export const maxExaminedBytes = 1024 * 1024
/** UTF-16 units of text that are cut into tokens: ten pages. */
export const maxTextUnits = 32 * 1024
/** Text parts that are read. */
export const maxTextParts = 8
/** Of one text part, octets that are decoded. */
export const maxPartBytes = 256 * 1024
/** Different tokens kept of a message: about as many as a page of Japanese has. */
export const maxTokens = 800
/** Links that are looked at; newsletters have dozens. */
export const maxLinks = 200
/** Octets of a link; longer ones are cut (their host stands at the beginning). */
export const maxLinkUnits = 2048
/** Units of the words between `<a>` and `</a>` that are looked at. */
export const maxLinkText = 300
/** Attachments whose names are looked at, and archives that are opened. */
export const maxAttachments = 100
export const maxArchives = 8
/** Names read of one archive. */
export const maxArchiveEntries = 1000
/** Octets of such a name, with its folders: an archive of names alone would be megabytes of them. */
export const maxEntryNameBytes = 1024
/** Archives inside archives, from the outermost on. */
export const maxArchiveDepth = 3
/** Octets that all inner archives of a message may unfold to, together. */
export const maxUnfoldedBytes = 4 * 1024 * 1024
/** A zip whose entries say that they unfold to more than this, at more than `bombRatio` to one, is a bomb. Deflate reaches 1032 to one. */
export const bombBytes = 100 * 1024 * 1024
export const bombRatio = 100
