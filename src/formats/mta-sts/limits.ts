/** RFC 8461 §3.2: max_age is at most about a year */
export const maxPolicyAgeS = 31_557_600
/** RFC 8461 §3.3 suggests 64 KB for a policy; nobody has so many hosts */
export const maxPolicyHosts = 1000
