/** RFC 5321 §6.3 asks for at least 100 before a loop is certain; ours are at most three boxes, and the internet rarely needs ten. */
export const maxHops = 25
/** The gateway's own fields between the facts and the bytes as received. */
export const maxGatewayTraceBytes = 64 * 1024
/** Accounts that one message is written to side by side; they share commits. */
export const parallelDeliveries = 32
/** Sessions of gateways whose boot is known; far above the connections a gateway keeps. The least used is forgotten. */
export const maxGatewaySessions = 1_000
/** A newer boot waits so long for what an older one still has under way here (local commits), then the sender's side tries later. */
export const fenceWaitMs = 20_000
export const maxRecipients = 1_000
