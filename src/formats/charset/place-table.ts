/** Characters by their place in a table that is written down as runs: `12 abc` has three from place 12 on, `40+e\u0301` one of two code points. */
export function charactersAt(table: string): ReadonlyMap<number, string> {
  const places = new Map<number, string>()
  for (const line of table.split('\n')) {
    const [, start = '', mark, characters = ''] = /^(\d+)([ +])(.*)$/u.exec(line) ?? []
    const pieces = mark === '+' ? [characters] : Array.from(characters)
    for (const [index, piece] of pieces.entries()) places.set(Number(start) + index, piece)
  }
  return places
}
