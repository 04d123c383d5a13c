/** An answer names some dozens of symbols. */
export const maxAnswerBytes = 1024 * 1024
/** Idle connections that are kept for the next message. */
export const keptConnections = 8
/** Symbols that are told as reasons. */
export const maxSymbols = 8
