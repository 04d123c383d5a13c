import { z } from 'zod'
import { key } from '../key.ts'
import { contentSection } from './content.ts'
import { fingerprint, hostName, mailboxName, path, shortName, size, that } from '../values.ts'

const gatewayPeer = z.strictObject({
  name: key(shortName, { en: 'Its gateway.name.', ja: 'そのゲートウェイの gateway.name。', example: 'tokyo' }),
  clientCertificate: key(fingerprint.optional(), {
    en: 'SHA-256 fingerprint of its client certificate.',
    ja: 'クライアント証明書のSHA-256フィンガープリント。',
    type: 'fingerprint',
  }),
  clientCertificateFile: key(path.optional(), {
    en: 'Its client certificate, PEM, instead of the fingerprint.',
    ja: 'フィンガープリントの代わりに、クライアント証明書(PEM)そのもの。',
    kind: 'file',
  }),
  saslPasswordFile: key(path.optional(), {
    en: 'File with the password of a gateway that logs in (SASL, user name = name), such as Postfix.',
    ja: 'ログインするゲートウェイ(Postfixなど)のパスワードのファイル。ユーザー名は name です。',
    kind: 'secret-file',
  }),
  domains: key(z.union([z.literal('all'), z.array(hostName).min(1).max(10_000)]).default('all'), {
    en: 'The domains for which this gateway is believed.',
    ja: 'このゲートウェイの言うことを信じるドメイン。',
    type: 'all or list of domains',
    example: '[example.com]',
  }),
  linkKeyFile: key(path.optional(), {
    en: 'The key shared with it, the same as its gateway.home.linkKeyFile.',
    ja: 'そのゲートウェイの gateway.home.linkKeyFile と同じ共有鍵。',
    kind: 'secret-file',
  }),
})

const accounts = z.strictObject({
  writerThreads: key(z.number().int().min(1).max(64).default(2), {
    en: 'Threads that write mail. Letters that come together share their waits for the disk, so two are enough up to some thousand letters a second.',
    ja: 'メールを書くスレッド数。同時に届いたメールはディスク待ちを分け合うので、毎秒数千通までは2つで足ります。',
  }),
  diskReserve: key(size.prefault('512MB'), {
    en: 'New mail is deferred when less than this is free, so that deleting still works.',
    ja: '空きがこれを下回ると新しいメールの受信を待ってもらい、削除ができる余地を残します。',
    type: 'size',
  }),
})

const pop3 = z.strictObject({
  mailbox: key(mailboxName.default('INBOX'), {
    en: 'The mailbox that POP3 shows to users who have none of their own choice (hikyaku user pop3). Levels are separated by /.',
    ja: 'POP3で見せるメールボックス。利用者ごとの指定(hikyaku user pop3)があればそちらが優先します。階層は / で区切ります。',
    example: 'INBOX',
    type: 'mailbox name',
    reload: true,
  }),
})

const scriptFile = key(path, {
  en: 'A Sieve script.',
  ja: 'Sieveスクリプト。',
  kind: 'file',
  type: 'path',
  example: './sieve/archive.sieve',
})

const addressList = z.strictObject({
  name: key(
    z
      .string()
      .regex(/^(?:tag|urn):[!-~]{1,500}$/i)
      .superRefine(
        that(name => !name.toLowerCase().startsWith('urn:ietf:params:sieve:addrbook:'), {
          en: 'that is the name of each user’s own address book',
          ja: 'それは各利用者自身のアドレス帳の名前です',
        }),
      ),
    {
      en: 'The URI that scripts name it by.',
      ja: 'スクリプトから指すときのURI。',
      example: 'tag:example.com,2026:partners',
      type: 'tag: or urn:',
    },
  ),
  file: key(path, {
    en: 'One address (or other value) a line; what follows # is a comment.',
    ja: '1行に1つのアドレス(または値)。# 以降はコメントです。',
    kind: 'file',
    example: './sieve/partners.txt',
  }),
})

const sieve = z.strictObject({
  before: key(z.array(scriptFile).max(20).default([]), {
    en: 'Scripts of the administrator that run for every account before the user’s own, in this order. The next one runs where a script leaves the message to be kept, by saying nothing or by keep; one that files, discards, redirects or refuses it without keep ends the sequence. A script that is broken or fails is passed over, and named in the log; hikyaku config check names its line and column.',
    ja: '全アカウントで、利用者のスクリプトより先に、この順に動かす管理者のスクリプト。メールを残す(何もしない、または keep)ときに次のスクリプトへ進み、keep なしで振り分け・破棄・転送・拒否すればそこで終わります。壊れたスクリプトや失敗したスクリプトは飛ばしてログに残します。誤りの行と文字の位置は hikyaku config check で分かります。',
    type: 'list of paths',
    reload: true,
  }),
  after: key(z.array(scriptFile).max(20).default([]), {
    en: 'The same behind the user’s own (or instead, where there is none): for what is still to be kept.',
    ja: '同様に、利用者のスクリプトのあと(なければその代わり)に動かすもの。まだ残すことになっているメールが対象です。',
    type: 'list of paths',
    reload: true,
  }),
  globalFolder: key(path.optional(), {
    en: 'Folder of scripts that all scripts may use: NAME.sieve is include :global "NAME" (RFC 6609).',
    ja: 'どのスクリプトからも使える共通スクリプトのフォルダ。NAME.sieve を include :global "NAME" で読み込みます(RFC 6609)。',
    kind: 'path',
    reload: true,
  }),
  imapScript: key(z.string().min(1).max(128).optional(), {
    en: 'Name of the script that runs when IMAP clients append, copy, move or mark messages (RFC 6785), in mailboxes that name no other in their annotation /shared/imapsieve/script: the user’s own of that name, else the one in globalFolder.',
    ja: 'IMAPクライアントがメールを追加・コピー・移動したり、フラグを変えたりしたときに動かすスクリプトの名前(RFC 6785)。注釈 /shared/imapsieve/script で別のものを指定していないメールボックスが対象で、利用者自身の同名のもの、なければ globalFolder のものを使います。',
    example: 'events',
    reload: true,
  }),
  lists: key(z.array(addressList).max(100).default([]), {
    en: 'Lists that scripts of all users may ask and redirect to (:list, RFC 6134). They are read at the start and at SIGHUP.',
    ja: '全利用者のスクリプトから照合や転送に使えるリスト(:list、RFC 6134)。起動時とSIGHUPで読み込みます。',
    reload: true,
  }),
  scriptSize: key(size.prefault('256KB'), {
    en: 'The largest script. By hand they are a few KB, made by programs some tens.',
    ja: 'スクリプト1つの最大の大きさ。手書きなら数KB、プログラムが作るものでも数十KBです。',
    type: 'size',
  }),
  redirects: key(z.number().int().min(0).max(100).default(4), {
    en: 'Addresses to which one script may redirect one message.',
    ja: '1つのスクリプトが1通のメールを転送できる宛先の数。',
    reload: true,
  }),
})

const clientQuirk = z.strictObject({
  client: key(z.string().min(1).max(200), {
    en: 'What the client says its name is (IMAP ID), in any case; * stands for any text.',
    ja: 'クライアントが名乗る名前(IMAPのID)。大文字と小文字は区別せず、* は任意の文字列です。',
    example: 'Example Mail*',
  }),
  version: key(z.string().min(1).max(200).optional(), {
    en: 'And its version, likewise; any when absent.',
    ja: '名乗るバージョン。書き方は同じで、省くとすべてのバージョンが対象です。',
    example: '3.*',
  }),
  off: key(
    z
      .array(z.string().regex(/^[!-~]{1,60}$/))
      .min(1)
      .max(100),
    {
      en: 'Capabilities that this client is not offered. IMAP4rev1 always is.',
      ja: 'このクライアントに見せない拡張機能。IMAP4rev1 は常に有効です。',
      example: '[QRESYNC, CONDSTORE]',
    },
  ),
  reason: key(z.string().min(1).max(500), {
    en: 'Why; it stands in the log whenever the rule applies.',
    ja: '理由。この規則を適用するたびにログに残します。',
    example: 'Loses flags after a reconnect',
  }),
})

const imap = z.strictObject({
  quirks: key(
    z
      .array(key(clientQuirk, { en: 'One rule.', ja: '規則1つ。' }))
      .max(100)
      .default([]),
    {
      en: 'Clients that stumble over an IMAP extension are not offered it. All rules that fit apply, from the next connection on.',
      ja: 'IMAPの拡張機能でつまずくクライアントに、その機能を見せません。当てはまる規則をすべて、次の接続から適用します。',
      reload: true,
    },
  ),
})

const linkLabel = z.string().trim().min(1).max(60)

const webmailLink = z.strictObject({
  label: key(
    z.strictObject({
      en: key(linkLabel, { en: 'In English.', ja: '英語で。', example: 'Notes of the house' }),
      ja: key(linkLabel, { en: 'In Japanese.', ja: '日本語で。', example: '家のメモ' }),
    }),
    { en: 'What the link says, in both languages.', ja: 'リンクの文字(英語と日本語)。' },
  ),
  url: key(z.url({ protocol: /^https?$/ }).max(2048), {
    en: 'Where it leads, http or https.',
    ja: '行き先(http か https)。',
    example: 'https://notes.example.com/',
  }),
})

const stepText = z.string().trim().min(1).max(120)

const firstStep = z
  .strictObject({
    search: key(stepText.optional(), {
      en: 'Words to search for.',
      ja: '検索することば。',
      example: '請求',
    }),
    writeTo: key(z.email().max(254).optional(), {
      en: 'An address to write to.',
      ja: 'メールを書く相手のアドレス。',
      example: 'hanako@example.com',
    }),
    note: key(
      z
        .strictObject({
          en: key(stepText, { en: 'In English.', ja: '英語で。', example: 'I answer in the evening.' }),
          ja: key(stepText, { en: 'In Japanese.', ja: '日本語で。', example: '夜に返事をします。' }),
        })
        .optional(),
      { en: 'What comes of it, in both languages.', ja: 'そうするとどうなるか(英語と日本語)。' },
    ),
  })
  .superRefine(
    that(({ search, writeTo }) => (search === undefined) !== (writeTo === undefined), {
      en: 'a first step is either search or writeTo',
      ja: '手順には search か writeTo のどちらか1つを書きます',
    }),
  )

const webmail = z.strictObject({
  firstSteps: key(
    z
      .array(key(firstStep, { en: 'One step.', ja: '1つの手順。' }))
      .max(5)
      .default([]),
    {
      en: 'What the webmail invites somebody to try who is new to it, on a small card that goes away when all is done or when it is closed.',
      ja: 'はじめて使う人に、Webメールが小さなカードで勧める手順。すべて済むか、閉じると出なくなります。',
      reload: true,
    },
  ),
  links: key(
    z
      .array(key(webmailLink, { en: 'One link.', ja: 'リンク1つ。' }))
      .max(8)
      .default([]),
    {
      en: "Links of your own in the webmail's menu: how to get help, the notes of the house.",
      ja: 'Webメールのメニューに並べる自分のリンク。困ったときの連絡先や家のメモなど。',
      reload: true,
    },
  ),
})

const jmap = z.strictObject({
  origins: key(
    z
      .array(z.string().regex(/^https?:\/\/[a-z0-9.-]+(?::[0-9]{1,5})?$/))
      .max(64)
      .default([]),
    {
      en: 'Web pages of other origins that may use JMAP here (CORS): scheme and host, a port where it is not the usual one. None unless you run such a page yourself.',
      ja: '別のオリジンのWebページにJMAPの利用を許します(CORS)。スキームとホスト名、標準以外ならポート番号も書きます。自分でそのようなページを置くときだけ必要です。',
      example: '[https://mail.example.com]',
      reload: true,
    },
  ),
  uploadSpace: key(size.prefault('1GB'), {
    en: 'Room on the disk for attachments that were uploaded and not sent yet, of all users together; one user has a quarter of it. They are kept for six hours, and the oldest make way.',
    ja: 'アップロードされてまだ送られていない添付ファイルに使うディスク容量(全利用者の合計。1人あたりはその4分の1)。6時間保管し、足りなければ古いものから消します。',
    type: 'size',
  }),
})

export const homeSection = z.strictObject({
  gateways: key(
    z
      .array(key(gatewayPeer, { en: 'One gateway.', ja: 'ゲートウェイ1台。' }))
      .max(64)
      .default([]),
    {
      en: 'The gateways that may hand mail over, each proved by certificate or login, never by its address.',
      ja: 'メールを渡してよいゲートウェイ。IPアドレスではなく、証明書かログインで確かめます。',
    },
  ),
  recipientsFile: key(path.optional(), {
    en: 'Where the list of domains and recipients is written for the gateway, after every change.',
    ja: 'ゲートウェイ向けにドメインと宛先の一覧を書き出す先。変更のたびに書きます。',
    kind: 'path',
  }),
  imap: key(imap.prefault({}), { en: 'How IMAP shows mail.', ja: 'IMAPでの見せ方。' }),
  webmail: key(webmail.prefault({}), { en: 'What the webmail shows.', ja: 'Webメールの見せ方。' }),
  jmap: key(jmap.prefault({}), {
    en: 'JMAP, for web pages and mail programs.',
    ja: 'JMAP(Webページとメールソフト用)。',
  }),
  pop3: key(pop3.prefault({}), { en: 'How POP3 shows mail.', ja: 'POP3での見せ方。' }),
  sieve: key(sieve.prefault({}), {
    en: 'Mail filters (Sieve) that people write or their programs make.',
    ja: '利用者やメールソフトが書く振り分け(Sieve)。',
  }),
  scramSha1: key(z.boolean().default(false), {
    en: 'Offers SCRAM-SHA-1 for clients that know no better, and keeps what it needs: offered once everybody has set a password or logged in with one since. Off, nothing of it is kept.',
    ja: 'SCRAM-SHA-256を知らないクライアントのために、SCRAM-SHA-1も提供します。必要な検証用データは、以後のパスワード設定やパスワードでのログインの際に保存し、全員分がそろうと提供を始めます。オフにすると保存済みの分も消します。',
  }),
  content: key(contentSection.prefault({}), {
    en: 'How the content of incoming mail is judged: the built-in junk filter, Rspamd, ClamAV.',
    ja: '届いたメールの内容の判定。組み込みの迷惑メールフィルター、Rspamd、ClamAV。',
    reload: true,
  }),
  accounts: key(accounts.prefault({}), { en: 'How mail is kept.', ja: 'メールの保管方法。' }),
})

export type HomeSection = z.output<typeof homeSection>
