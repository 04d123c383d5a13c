/** The octets of attached files, as images that are pixels and nothing else. */
import type { Client } from '../jmap/client.ts'
import { ask } from '../jmap/request.ts'
import { imageFacts, maxPixels } from '../model/preview/image-facts.ts'

export type ImageProblem = 'notAnImage' | 'tooManyPixels'

export class NoImage extends Error {
  readonly problem: ImageProblem
  constructor(problem: ImageProblem) {
    super(problem)
    this.problem = problem
  }
}

export async function octetsOf(client: Client, blobId: string, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await (await ask(client.downloadUrl(blobId, 'file'), { signal })).arrayBuffer())
}

/** With the type that its octets have: a URL of it is never taken for anything else. Throws NoImage. */
export async function imageOf(client: Client, blobId: string, signal: AbortSignal): Promise<Blob> {
  const octets = await octetsOf(client, blobId, signal)
  const facts = imageFacts(octets.subarray(0, headBytes))
  if (!facts) throw new NoImage('notAnImage')
  if ((facts.pixels ?? 0) > maxPixels) throw new NoImage('tooManyPixels')
  return new Blob([octets], { type: facts.type })
}

/** Photographs have their size behind a small picture and notes of the camera. */
const headBytes = 512 * 1024
