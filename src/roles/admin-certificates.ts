/** Certificates of a running box: our own CA's is renewed in time, and a configuration that was read again takes effect. */
import { join } from 'node:path'
import type { Config } from '#config/schema.ts'
import { openLocalCa } from '#net/tls/local-ca.ts'
import type { Surroundings } from './surroundings.ts'

/** Renewal begins a month before the end: a day is soon enough, also after a failure. */
const renewEveryMs = 24 * 60 * 60 * 1000

/** The store watches the files, so what is written here is served within seconds. */
export function renewOwnCertificate({ config, folder, log }: Surroundings): Disposable {
  if (!config.tls.localCa) return { [Symbol.dispose]() {} }
  const renew = async () => {
    const ca = await openLocalCa(join(folder.path, 'ca'))
    const { renewed } = await ca.ensureServer('server', [config.hostname, ...config.tls.names])
    if (renewed) log.info('Our own certificate was renewed')
  }
  const failed = (error: unknown) => log.error('Our own certificate could not be renewed', { error: String(error) })
  const timer = setInterval(() => void renew().catch(failed), renewEveryMs).unref()
  return { [Symbol.dispose]: () => clearInterval(timer) }
}

/** Serves the certificates and the policy of a configuration that was read again; our own CA's stays. */
export function takeOverCertificates({ certificates, folder }: Surroundings, config: Config): void {
  const own = certificates
    .report()
    .flatMap(({ files }) => (files.cert.startsWith(join(folder.path, 'ca')) ? [files] : []))
  certificates.configure([...config.tls.certificates, ...own], config.tls.policy)
}
