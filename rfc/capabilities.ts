// What IMAP advertises, held against what the index says: each capability comes from an RFC that is followed (yes or partial),
// and a dialogue or a test names that RFC. rfc/capabilities.tsv is the table of which RFC that is.

export type CapabilityRow = {
  readonly capability: string
  /** Undefined: a draft that never became one; then `evidence` names the capability */
  readonly rfc: number | undefined
  /** A file that shows it where no transcript can; undefined: a transcript does */
  readonly evidence: string | undefined
}

export type CapabilityFacts = {
  /** In all states and with everything on; values (`APPENDLIMIT=5`) cut off where the table has the name alone */
  readonly advertised: ReadonlySet<string>
  readonly rows: readonly CapabilityRow[]
  /** RFC number → status in rfc/index.tsv */
  readonly statuses: ReadonlyMap<number, string>
  readonly transcripts: readonly string[]
  /** Undefined when there is no such file */
  read(file: string): string | undefined
}

/** `problem`: what is no row */
export function parseCapabilityRows(text: string, problem: (line: number) => void): readonly CapabilityRow[] {
  const rows: CapabilityRow[] = []
  for (const [at, line] of text.split('\n').entries()) {
    if (line === '' || line.startsWith('#')) continue
    const [capability = '', rfc = '', evidence = ''] = line.split('\t')
    if (capability === '' || !/^(\d{3,5}|-)$/.test(rfc) || (rfc === '-' && evidence === '')) problem(at + 1)
    rows.push({ capability, rfc: rfc === '-' ? undefined : Number(rfc), evidence: evidence || undefined })
  }
  return rows
}

export function capabilityProblems(facts: CapabilityFacts): readonly string[] {
  const rows = new Map(facts.rows.map(row => [row.capability, row]))
  const missing = [...facts.advertised]
    .filter(name => !rows.has(name))
    .map(name => `IMAP advertises ${name}, which rfc/capabilities.tsv does not know`)
  const stale = facts.rows
    .filter(({ capability }) => !facts.advertised.has(capability))
    .map(({ capability }) => `rfc/capabilities.tsv has ${capability}, which IMAP does not advertise`)
  return [...missing, ...stale, ...facts.rows.flatMap(row => rowProblems(row, facts))]
}

function rowProblems({ capability, rfc, evidence }: CapabilityRow, facts: CapabilityFacts): readonly string[] {
  const problems: string[] = []
  const status = rfc === undefined ? 'yes' : facts.statuses.get(rfc)
  if (status !== 'yes' && status !== 'partial')
    problems.push(`IMAP advertises ${capability}, but RFC ${rfc} is "${status ?? 'missing'}" in rfc/index.tsv`)
  const wanted = rfc === undefined ? capability : `RFC ${rfc}`
  const texts = evidence === undefined ? facts.transcripts : [facts.read(evidence) ?? '']
  if (!texts.some(text => new RegExp(`${escaped(wanted)}(?!\\d)`).test(text)))
    problems.push(`${capability}: ${evidence ?? 'a transcript of IMAP'} has to name ${wanted}`)
  return problems
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
