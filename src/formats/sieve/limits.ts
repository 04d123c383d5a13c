/** Of every installation; those that an owner may set are `SieveLimits` of mail/sieve/ports.ts. */

/** A script of a person is a few KiB; what programs generate reaches some tens. The setting goes up to this. */
export const maxScriptBytesEver = 1024 * 1024
/** Blocks in blocks and tests in tests together. RFC 5228 §2.9 and §5 ask for 15 of each; recursion stays shallow. */
export const maxNesting = 40
/** Strings of one script; each costs memory as long as the script is kept. */
export const maxStrings = 20_000
/** Tokens of one script */
export const maxTokens = 100_000
/** Problems that are told at once */
export const maxProblems = 20
/** 2⁵³-1 would do; RFC 5228 §2.4.1 asks for 2³¹-1, and 8 GiB is a size that people write. */
export const maxNumber = 2 ** 48
/** RFC 5229 §3 asks for 9; a pattern with more wildcards matches all the same. */
export const maxMatchVariables = 64
/** RFC 5229 §3 asks for 32 characters of a name and 128 variables. */
export const maxVariableNameLength = 64
/** States of one compiled regular expression; `{n,m}` multiplies. */
export const maxRegexStates = 2_000
/** Nested groups of a regular expression */
export const maxRegexDepth = 50
