/** RFC 8461 §3.3: a policy is asked for at most a minute and has 64 KB; we are less patient, a letter waits for it */
export const fetchTimeoutMs = 20_000
export const maxPolicyBytes = 64 * 1024
/** How long an answer of `_mta-sts` is believed before DNS is asked again */
export const recordKeptMs = 5 * 60_000
/** After a policy could not be fetched it is not asked for again before this; RFC 8461 §3.3: five minutes or more */
export const fetchAgainMs = 5 * 60_000
/** A policy is fetched anew in the background when it is older, so that it never runs out while mail flows. RFC 8461 §3.3, §10.2 */
export const refreshAfterMs = 24 * 3600 * 1000
export const sweepMs = 3600 * 1000
/** Policies that are fetched anew at one time */
export const refreshAtOnce = 4
/** Domains with a policy that are remembered, about 1 KiB each; the one that runs out first is forgotten */
export const maxPolicies = 20_000
/** Domains without one */
export const maxAbsent = 20_000
