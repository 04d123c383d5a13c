/** What the names and archives among the attachments show. Contents are for a virus scanner. */
import type { ByteReader } from '#formats/message/byte-reader.ts'
import { parseContentType, parseDisposition } from '#formats/message/content.ts'
import { fieldValue, parseHeader } from '#formats/message/header.ts'
import { maxHeaderBytes } from '#formats/message/limits.ts'
import { fileName } from '#formats/message/parameters.ts'
import type { Part } from '#formats/message/structure.ts'
import { decodeTransfer } from '#formats/message/transfer.ts'
import type { Evidence } from './evidence.ts'
import { maxArchives, maxAttachments } from './limits.ts'
import { isZip, readArchive } from './zip.ts'

export type AttachmentFindings = { readonly evidence: readonly Evidence[]; readonly extensions: readonly string[] }

const programs =
  /\.(?:exe|scr|com|pif|bat|cmd|vbs|vbe|js|jse|wsf|wsh|hta|lnk|msi|msp|cpl|jar|ps1|reg|dll|iso|img|vhdx?|apk|chm|one|xll)$/i
const macros = /\.(?:doc|xls|ppt|dot|xlt)m$/i
const disguise = /\.(?:pdf|docx?|xlsx?|pptx?|txt|jpe?g|png|gif|csv|html?|zip|mp[34]|rtf)[\s._-]*\.[a-z0-9]{2,4}$/i
/** Turns the letters behind it round: `invoice_fdp.exe` reads as `invoice_exe.pdf` */
const turning = /[\u202a-\u202e\u2066-\u2069]/

export function judgeAttachments(reader: ByteReader, leaves: readonly Part[]): AttachmentFindings {
  const evidence = new Map<string, Evidence>()
  const add = (code: Evidence['code'], name: string) =>
    evidence.has(code) || evidence.set(code, { code, detail: { name: name.slice(-80) } })
  const extensions = new Set<string>()
  let archives = 0
  for (const part of leaves.slice(0, maxAttachments)) {
    const name = nameOf(reader, part)
    if (name === undefined && part.type === 'text') continue
    if (name !== undefined) {
      extensions.add(/\.([a-z0-9]{1,8})$/i.exec(name)?.[1]?.toLowerCase() ?? '-')
      judgeName(name, add)
    }
    if (!mayBeArchive(part, name) || archives >= maxArchives) continue
    archives++
    const bytes = decodeTransfer(reader.read(part.bodyStart, part.bodyEnd - part.bodyStart), part.encoding)
    if (isZip(bytes)) judgeArchive(bytes, name ?? '', add)
  }
  return { evidence: [...evidence.values()], extensions: [...extensions] }
}

type Add = (code: Evidence['code'], name: string) => void

function judgeName(name: string, add: Add): void {
  const program = programs.test(name.trim())
  if (program && (disguise.test(name) || turning.test(name) || /\s{8,}/.test(name))) add('double-extension', name)
  else if (program) add('program', name)
  else if (turning.test(name)) add('double-extension', name)
  else if (macros.test(name)) add('macros', name)
}

function judgeArchive(bytes: Uint8Array, name: string, add: Add): void {
  const { names, encrypted, bomb, tooDeep } = readArchive(bytes)
  const program = names.find(inner => programs.test(inner.trim()))
  if (bomb) add('archive-bomb', name)
  if (tooDeep) add('archive-too-deep', name)
  if (program !== undefined) add(encrypted ? 'encrypted-program' : 'program-in-archive', program)
  else if (encrypted) add('encrypted-archive', name)
}

function mayBeArchive(part: Part, name: string | undefined): boolean {
  if (part.kind !== 'leaf' || part.bodyEnd - part.bodyStart < 22) return false
  if (name !== undefined && /\.(?:zip|jar|docx|xlsx|pptx)$/i.test(name)) return /\.zip$/i.test(name)
  return part.type === 'application' && /zip|octet-stream/.test(part.subtype)
}

function nameOf(reader: ByteReader, part: Part): string | undefined {
  const header = reader.read(part.headerStart, Math.min(part.bodyStart - part.headerStart, maxHeaderBytes))
  const fields = parseHeader(header, undefined, ['content-disposition', 'content-type'])
  const disposition = fieldValue(header, fields, 'content-disposition')
  const type = fieldValue(header, fields, 'content-type')
  return fileName(disposition && parseDisposition(disposition)?.parameters, type && parseContentType(type)?.parameters)
}
