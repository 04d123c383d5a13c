/** How deep aliases may point at aliases: beyond it lies a mistake, and every message would pay for it. */
export const maxAliasDepth = 10
/** Users that one address may reach: each is a delivery made while the sender waits. */
export const maxResolvedTargets = 100
/** Targets written in one alias */
export const maxAliasTargets = 100
/** A deleted user's mail still arrives for a while; nobody else shall read it. */
export const reuseAfterMs = 30 * 24 * 60 * 60 * 1000
/** Longer passwords make the hashing of a stranger's guess our burden. */
export const maxPasswordBytes = 1024
/** NIST SP 800-63B: shorter ones fall to online guessing even when it is throttled. */
export const minPasswordCharacters = 8
export const maxNameCharacters = 200
/**
 * RFC 7677 asks for 4096 at least; a client computes this in about 20 ms. Programs on Cyrus SASL (mbsync, Postfix, …) refuse to
 * compute more than 65,536 and cannot log in then.
 */
export const scramIterations = 65_536
export const scramSaltBytes = 16
