/** Every bound of the connection stage, each with its reason. Strangers decide how many entries there are, never how many are kept. */

/** Addresses whose DNS answers are remembered; some 300 octets each */
export const maxRemembered = 20_000
/** An answer is remembered for so long, whatever its TTL: a list that takes an address off is believed within minutes */
export const rememberedMs = 10 * 60_000
/** Nothing was known: asked again soon, but not by each of a hundred connections */
export const rememberedFailureMs = 30_000
/** Names of an address that are looked at. RFC 7208 §5.5 has the same bound for the same reason */
export const maxReverseNames = 10
/** Of one list about one address: they travel with each message */
export const maxAnswers = 8
/** Of a list's own words in a refusal */
export const maxReasonCharacters = 200
/** Lists are tried as RFC 5782 §5 says when they are first used, and again after so long */
export const zoneCheckMs = 60 * 60_000
/** A list that could not be asked is tried again after so long */
export const zoneRetryMs = 60_000

/** Networks whose connections are counted; the one touched longest ago is forgotten */
export const maxNetworks = 50_000
/** Connections whose greeting waits at a time; beyond it nobody waits, so that patience cannot be used against us */
export const maxWaitingGreetings = 500
/** How long the memory of known senders may take to answer before a peer is greeted as if it were known */
export const memoryAnswerMs = 250
/** A session that goes on asking for unknown names waits so long, doubled with each, at most */
export const firstPauseMs = 1_000
export const maxPauseMs = 8_000

/** The senders' database could not be read: it is left alone for so long, and nobody is greylisted meanwhile */
export const memoryRestMs = 60_000
/** A triplet that passed counts for so long after its last use: a monthly newsletter comes in time */
export const passedKeptMs = 36 * 24 * 3600_000
/** A network or sender that mail was delivered from is known for so long after the last letter */
export const knownKeptMs = 90 * 24 * 3600_000
/** Letters from a network after which it is known whatever its senders are called */
export const networkKnownAfter = 5
export const sweepIntervalMs = 10 * 60_000
/** Letters of so long are written into the senders' database together; a crash loses them, as a power cut does */
export const learnTogetherMs = 1_000
/** Networks and senders that wait for it at most */
export const maxLearntTogether = 1_000
