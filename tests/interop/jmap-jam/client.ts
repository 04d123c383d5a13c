/** What is used of jmap-jam. Its own types come as source that is not erasable, which our type check refuses to look at: so no literal names it. */

export type Jam = {
  authHeader: string
  session: Promise<unknown>
  getPrimaryAccount(): Promise<string>
  uploadBlob(accountId: string, body: Blob): Promise<{ readonly blobId: string }>
  downloadBlob(blob: {
    readonly accountId: string
    readonly blobId: string
    readonly mimeType: string
    readonly fileName: string
  }): Promise<{ arrayBuffer(): Promise<ArrayBuffer> }>
  /** Resolves with the arguments of the response and what came besides */
  request(
    call: readonly [name: string, given: object],
    options?: { readonly using: readonly string[] },
  ): Promise<[object]>
  requestMany(calls: (ask: Drafts) => Readonly<Record<string, Draft>>): Promise<[Readonly<Record<string, object>>]>
}
/** `ask.Email.query({…})` */
export type Drafts = Readonly<Record<string, Readonly<Record<string, (given: object) => Draft>>>>
/** `$ref` makes a result reference */
export type Draft = { $ref(path: string): object }

type JamConstructor = {
  new (config: { readonly bearerToken: string; readonly sessionUrl: string }): Jam
  loadSession(sessionUrl: string, authHeader: string): Promise<unknown>
}

const name: string = 'jmap-jam'
export const { JamClient } = (await import(name)) as { readonly JamClient: JamConstructor }
