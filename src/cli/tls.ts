import { randomBytes, X509Certificate } from 'node:crypto'
import { access, mkdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { say, type Text } from '#base/text.ts'
import type { CertificateReport } from '#net/tls/certificate-store.ts'
import { printEndpoint } from '#config/endpoint.ts'
import type { Config } from '#config/schema.ts'
import { shortName } from '#config/values.ts'
import { writeDurably } from '#net/tls/write-durably.ts'
import { administer, configOf, printJson } from './administer.ts'
import { type Call, type Command, textOption } from './command.ts'
import { plain, printTable } from './table.ts'
import { CouldNotRun, type ExitCode, exitCodes, type Terminal } from './terminal.ts'

export const tls: Command = {
  name: 'tls',
  text: { en: 'the certificates that are served: names, expiry, problems', ja: '使用中の証明書(名前、期限、問題)' },
  run: call => administer<readonly CertificateReport[]>(call, 'tls', {}, printCertificates),
  subcommands: [
    {
      name: 'client',
      text: {
        en: 'make what a gateway proves itself with at home: certificate, key, link key, CA; and say what to write on both sides. On a gateway: the same for a home that sends through it',
        ja: 'ゲートウェイがhomeに名乗るための証明書、鍵、共有鍵、CAを作り、双方の設定に書く行を示す。ゲートウェイで実行すると、経由して送るhome用に同じものを作る',
      },
      arguments: [
        {
          name: 'name',
          text: {
            en: 'its gateway.name (on a gateway: a name for the home)',
            ja: 'ゲートウェイの名前(gateway.name)。ゲートウェイではhomeの名前',
          },
        },
      ],
      options: [
        {
          flags: '--out <folder>',
          text: {
            en: 'where the files go (default: gateway-NAME or home-NAME beside the configuration)',
            ja: 'ファイルの出力先(既定: 設定ファイルの横の gateway-NAME か home-NAME)',
          },
        },
      ],
      run: makeClient,
    },
  ],
}

function printCertificates(reports: readonly CertificateReport[], terminal: Terminal): void {
  const title = (en: string, ja: string) => say({ en, ja }, terminal.language)
  const same = title('same', '同じ')
  const differs = title('differs', '異なる')
  terminal.out(
    printTable(
      reports,
      [
        { title: title('names', '名前'), cell: row => row.names.join(', ') },
        { title: title('key', '鍵'), cell: row => row.keyType ?? '-' },
        { title: title('days left', '残り日数'), cell: row => row.daysLeft ?? '-', right: true },
        { title: title('issuer', '発行者'), cell: row => row.issuer ?? '-' },
        { title: title('on disk', 'ファイル'), cell: row => (row.served === row.onDisk ? same : differs) },
        { title: title('file', '場所'), cell: row => row.files.cert },
      ],
      terminal,
    ),
  )
  for (const { problems } of reports)
    for (const problem of problems) terminal.out(`${problem.code}: ${plain(say(problem.text, terminal.language))}\n`)
}

/** A second run changes nothing: the files that are there are told again. */
async function makeClient(call: Call): Promise<ExitCode> {
  const { terminal } = call
  const name = call.args[0] ?? ''
  if (!shortName.safeParse(name).success) throw new CouldNotRun(badName)
  const config = configOf(call)
  if (!config) return exitCodes.badConfig
  if (!config.tls.localCa) throw new CouldNotRun(needsCa)
  const forHome = !config.role.includes('home')
  const folder = resolve(
    textOption(call, 'out') ?? join(config.source.path, '..', `${forHome ? 'home' : 'gateway'}-${name}`),
  )
  const files = {
    cert: join(folder, 'client.crt'),
    key: join(folder, 'client.key'),
    ...(!forHome && { linkKey: join(folder, 'link.key') }),
    ca: join(folder, 'ca.crt'),
  }
  // reading and writing certificates is two hundred modules, which no other command needs
  const { openLocalCa, writePair } = await import('#net/tls/local-ca.ts')
  const ca = await openLocalCa(join(config.data, 'ca'))
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await writeDurably(files.ca, ca.certificatePem, 0o644)
  if (!(await exists(files.cert))) await writePair(files, await ca.issueClient(name))
  if (files.linkKey !== undefined && !(await exists(files.linkKey)))
    await writeDurably(files.linkKey, `${randomBytes(32).toString('hex')}\n`, 0o600)
  const certificate = new X509Certificate(await readFile(files.cert))
  const fingerprint = certificate.fingerprint256.replaceAll(':', '').toLowerCase()
  if (call.json) printJson(terminal, { name, folder, files, fingerprint, until: certificate.validTo })
  else {
    const made = { name, folder, fingerprint, hostname: config.hostname }
    const lines = forHome
      ? homeLines({ ...made, url: relayUrl(config) })
      : clientLines({ ...made, url: linkUrl(config) })
    terminal.out(`${say(lines, terminal.language)}\n`)
  }
  return exitCodes.well
}

type MadeClient = {
  readonly name: string
  readonly folder: string
  readonly fingerprint: string
  readonly hostname: string
  readonly url: string
}

/** Where the gateway finds home: the first LMTP listener that has an address. */
function linkUrl({ listen, hostname }: Config): string {
  const found = listen.find(listener => listener.service === 'lmtp' && listener.path === undefined)
  if (found?.service !== 'lmtp') return `lmtp://${hostname}:2525`
  const bound = found.address === undefined || ['*', '0.0.0.0', '::'].includes(found.address) ? hostname : found.address
  return printEndpoint({ kind: 'tcp', tls: found.tls === 'implicit', host: bound, port: found.port })
}

/** Where home finds the gateway's relay. */
function relayUrl({ listen, hostname }: Config): string {
  const found = listen.find(listener => listener.service === 'relay')
  if (found?.service !== 'relay') return `lmtp://${hostname}:2525`
  const bound = ['*', '0.0.0.0', '::'].includes(found.address) ? hostname : found.address
  return printEndpoint({ kind: 'tcp', tls: found.tls === 'implicit', host: bound, port: found.port })
}

function homeLines({ name, folder, fingerprint, hostname, url }: MadeClient): Text {
  const atGateway = `gateway:
  relay:
    clients:
      - name: ${name}
        clientCertificate: '${fingerprint}'`
  const atHome = `outbound:
  gateway:
    url: ${url}
    serverName: ${hostname}
    ca: ./relay/ca.crt
    clientCertificate: { cert: ./relay/client.crt, key: ./relay/client.key }
  routes:
    - { via: gateway }`
  return {
    en: `${folder}: written\n\n# Here, on the gateway:\n${atGateway}\n\n# At home, with this folder copied there as relay:\n${atHome}`,
    ja: `${folder}: 書きました\n\n# こちら(ゲートウェイ)の設定に:\n${atGateway}\n\n# このフォルダを relay としてhomeにコピーし、その設定に:\n${atHome}`,
  }
}

function clientLines({ name, folder, fingerprint, hostname, url }: MadeClient): Text {
  const atHome = `home:
  gateways:
    - name: ${name}
      clientCertificate: '${fingerprint}'
      linkKeyFile: ${join(folder, 'link.key')}`
  const atGateway = `gateway:
  name: ${name}
  home:
    url: ${url}
    serverName: ${hostname}
    ca: ./link/ca.crt
    clientCertificate: { cert: ./link/client.crt, key: ./link/client.key }
    linkKeyFile: ./link/link.key`
  return {
    en: `${folder}: written\n\n# Here, at home:\n${atHome}\n\n# On the gateway, with this folder copied there as link:\n${atGateway}`,
    ja: `${folder}: 書きました\n\n# こちら(home)の設定に:\n${atHome}\n\n# このフォルダを link としてゲートウェイにコピーし、その設定に:\n${atGateway}`,
  }
}

const badName: Text = {
  en: 'a short name is wanted: a-z, 0-9 and -, at most 32 characters',
  ja: '短い名前を書いてください(a-z、0-9、-。32文字まで)',
}
const needsCa: Text = {
  en: 'this is for a box with tls.localCa: true; with a CA of your own, issue the client certificate there',
  ja: 'tls.localCa: true の設定で使います。独自のCAがある場合は、そちらでクライアント証明書を発行してください',
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
