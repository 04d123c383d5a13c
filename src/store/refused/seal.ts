/**
 * Sealed files: nonce, AES-256-GCM of the octets, tag; the name is bound in. Nothing of a file is believed before all of it has been
 * checked.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, rm, stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'

const nonceBytes = 12
const tagBytes = 16
const algorithm = 'aes-256-gcm'

/** On disk, with its folder entry, when it resolves; nothing is left behind when it fails. */
export async function writeSealed(path: string, key: Uint8Array, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv(algorithm, key, nonce)
  cipher.setAAD(Buffer.from(basename(path)))
  const file = await open(path, 'wx', 0o600)
  let done = false
  try {
    await file.writeFile(nonce)
    for await (const chunk of chunks) await file.writeFile(cipher.update(chunk))
    await file.writeFile(cipher.final())
    await file.writeFile(cipher.getAuthTag())
    await file.sync()
    done = true
  } finally {
    await file.close()
    if (!done) await rm(path, { force: true })
  }
  await using folder = await open(dirname(path), 'r')
  await folder.sync()
}

/** The octets from `from` on. Throws at the end when the file is not what was written: read it through once before using it. */
export async function* readSealed(path: string, key: Uint8Array, from = 0): AsyncGenerator<Uint8Array> {
  const { size } = await stat(path)
  const end = size - tagBytes
  if (end < nonceBytes) throw new Error('The sealed file is cut off')
  const nonce = await readPart(path, 0, nonceBytes)
  const decipher = createDecipheriv(algorithm, key, nonce)
  decipher.setAAD(Buffer.from(basename(path)))
  decipher.setAuthTag(await readPart(path, end, tagBytes))
  let at = 0
  if (end > nonceBytes)
    for await (const chunk of createReadStream(path, { start: nonceBytes, end: end - 1 })) {
      const plain = decipher.update(chunk as Buffer)
      if (at + plain.length > from) yield plain.subarray(Math.max(0, from - at))
      at += plain.length
    }
  decipher.final()
}

async function readPart(path: string, offset: number, length: number): Promise<Buffer> {
  await using file = await open(path, 'r')
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset)
  if (bytesRead < length) throw new Error('The sealed file is cut off')
  return buffer
}
