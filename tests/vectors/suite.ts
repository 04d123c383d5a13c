/** One case of a suite: no problems means passed. */
export type CaseResult = { readonly name: string; readonly problems: readonly string[] }

export type Suite = {
  readonly name: string
  run(): readonly CaseResult[] | Promise<readonly CaseResult[]>
}

export const corpus = new URL('../corpus/', import.meta.url)

export function check(
  name: string,
  compare: (differs: (what: string, got: unknown, want: unknown) => void) => void,
): CaseResult {
  const problems: string[] = []
  compare((what, got, want) => {
    const [left, right] = [JSON.stringify(got), JSON.stringify(want)]
    if (left !== right && !(right !== undefined && matchesUnread(left, right)))
      problems.push(`${what}: ${short(left)} instead of ${short(right)}`)
  })
  return { name, problems }
}

/** U+FFFD in an expectation stands for raw bytes that its maker could not read: whatever is made of them is right. */
function matchesUnread(got: string | undefined, want: string): boolean {
  if (got === undefined || !want.includes('\ufffd')) return false
  const pieces = want.split(/\ufffd+/).map(piece => piece.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'))
  return new RegExp(`^${pieces.join('.{1,4}')}$`, 'su').test(got)
}

function short(text: string | undefined): string {
  return text === undefined ? 'nothing' : text.length > 160 ? `${text.slice(0, 160)}…` : text
}
