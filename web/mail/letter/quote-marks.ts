/** The lines by which programs and people announce what they quote, in English and Japanese. Pure. */

/** From here on an older letter follows whole, whatever stands before its lines. */
export function beginsOriginal(line: string): boolean {
  const plain = line.trim()
  if (plain.length > 200) return false
  return originals.some(pattern => pattern.test(plain))
}

const originals: readonly RegExp[] = [
  /^-{2,}\s*(?:original message|original appointment|reply message|元のメッセージ|元メッセージ|元の予定|返信元メッセージ|オリジナルメッセージ)\s*-{2,}$/i,
  /^[-_=*]{3,}\s*(?:original message|元のメッセージ)\s*[-_=*]{3,}$/i,
]

/** A forwarded letter is what the sender wants read: it stays open. */
export function beginsForwarded(line: string): boolean {
  return /^-{2,}\s*(?:forwarded message|begin forwarded message:?|転送メッセージ|転送されたメッセージ|forwarded by .{1,80})\s*-{2,}$/i.test(
    line.trim(),
  )
}

/** `On …, Hanako wrote:`, `2026年11月27日(金) 10:00 花子 <hanako@home.test>:`, `花子さんは書きました:` */
export function isAttribution(line: string): boolean {
  const plain = line.trim()
  if (plain.length > 400) return false
  return attributions.some(pattern => pattern.test(plain))
}

const attributions: readonly RegExp[] = [
  /^on\b.{4,300}\bwrote\s*:$/i,
  /^.{2,200}\b(?:wrote|writes|said)\s*:$/i,
  /^.{0,300}(?:さん|様|氏|殿)?\s*(?:は|が|より|からの)?\s*(?:書きました|書かれました|のメッセージ|のメール)\s*[:：]$/,
  /^.{0,300}(?:さん|様|氏)は(?:次のように|以下のように|こう)?(?:書きました|書いています|書いた)\s*[:：。]?$/,
  /^(?:於\s*)?\d{4}年\d{1,2}月\d{1,2}日.{0,250}[:：]$/,
  /^\d{4}[-/.]\d{1,2}[-/.]\d{1,2}.{1,250}<?[^\s<>@]+@[^\s<>@]+>?\s*[:：]$/,
  /^(?:in (?:message|article)|メッセージ)\s*<[^>]+>.{0,200}$/i,
]

/** The header that Outlook and others put before the older letter, line by line. */
export function isQuotedField(line: string): boolean {
  return /^\s*(?:\*{1,2})?(?:from|sent|date|to|cc|subject|差出人|送信者|送信日時|日時|日付|宛先|件名|送信元)(?:\*{1,2})?\s*[:：]/i.test(
    line,
  )
}

export function isSenderField(line: string): boolean {
  return /^\s*(?:\*{1,2})?(?:from|差出人|送信者|送信元)(?:\*{1,2})?\s*[:：]/i.test(line)
}

/** A line of underscores before `From:`, as Outlook writes it. */
export function isRule(line: string): boolean {
  return /^\s*(?:_{10,}|-{10,})\s*$/.test(line)
}
