import { z } from 'zod'
import { key } from '../key.ts'
import { path } from '../values.ts'

export const certificateFiles = z.strictObject({
  cert: key(path, {
    en: 'Certificate with its chain, PEM: our own first, then the intermediates.',
    ja: '証明書と中間証明書(PEM)。自分の証明書を先頭に置きます。',
    example: './tls/mail.crt',
    kind: 'file',
  }),
  key: key(path, {
    en: 'Its private key, PEM. Readable by its owner only.',
    ja: 'その秘密鍵(PEM)。所有者だけが読めるようにします。',
    example: './tls/mail.key',
    kind: 'secret-file',
  }),
})

export const tlsSection = z.strictObject({
  policy: key(z.enum(['intermediate', 'modern']).default('intermediate'), {
    en: 'intermediate: TLS 1.2 and 1.3 with AEAD suites, every client of the last ten years. modern: TLS 1.3 only.',
    ja: 'intermediate はTLS 1.2と1.3(AEADのみ)で、ここ10年の機器がつながります。modern はTLS 1.3のみです。',
    reload: true,
  }),
  certificates: key(
    z
      .array(
        key(certificateFiles, {
          en: 'One certificate and its key.',
          ja: '証明書と鍵の一組。',
        }),
      )
      .max(64)
      .default([]),
    {
      en: 'Certificates; the client’s server name picks one. An ECDSA and an RSA one for the same name stand side by side. Files are watched: a valid new pair is taken into use without a restart, a bad one is refused and the old one kept.',
      ja: '証明書の一覧。クライアントの指定名で選ばれます。同じ名前のECDSAとRSAを並べられます。ファイルは監視され、正しい新しい組は再起動なしで使われ、誤った組は拒否して古いものを使い続けます。',
      reload: true,
    },
  ),
  localCa: key(z.boolean().default(false), {
    en: 'Makes a certificate authority of its own in the data folder and a certificate for hostname from it. For tests, and where every client can be given the CA.',
    ja: 'データフォルダに独自の認証局を作り、hostname の証明書を発行します。試験用、または全クライアントにCAを配れる場合に使います。',
  }),
  names: key(z.array(z.string().min(1)).max(64).default([]), {
    en: 'Further names and IP addresses for the certificate made by localCa.',
    ja: 'localCa が作る証明書に加える名前とIPアドレス。',
    example: '[imap.example.com, 127.0.0.1]',
  }),
})
