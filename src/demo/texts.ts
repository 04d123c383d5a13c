import type { Text } from '#base/text.ts'

export const demoTexts = {
  running: {
    en: (seconds: string) => `✓ home and gateway running (${seconds} s)`,
    ja: (seconds: string) => `✓ 自宅とゲートウェイが動いています(${seconds}秒)`,
  },
  internet: {
    en: '✓ internet.test: a small pretend internet (DNS, mail servers, SendGrid)',
    ja: '✓ internet.test：小さな仮想インターネット(DNS、メールサーバー、SendGrid)',
  } satisfies Text,
  accounts: { en: '✓ accounts', ja: '✓ アカウント' } satisfies Text,
  webmail: {
    en: (name: string) => `Webmail, signed in as ${name}`,
    ja: (name: string) => `ウェブメール(${name}でログイン済み)`,
  },
  openAs: {
    en: (address: string) => `Open as ${address}`,
    ja: (address: string) => `${address} として開く`,
  },
  firstSteps: {
    search: '請求',
    finds: {
      en: 'Japanese for an invoice: found in any charset, in the middle of a sentence, in attached files.',
      ja: 'どの文字コードの中でも、文の途中でも、添付ファイルの中でも見つかります。',
    },
    arrives: {
      en: 'Open the other window from the menu at the top right: it slides in there.',
      ja: '右上のメニューからもう1つのウィンドウを開いておくと、そこに届きます。',
    },
    answers: {
      en: 'It goes out over the gateway, and the answer comes back after two seconds.',
      ja: 'ゲートウェイを通って出ていき、2秒で返事が来ます。',
    },
  },
  status: { en: 'Status page', ja: '状態のページ' } satisfies Text,
  clients: { en: 'For your own mail program', ja: 'お手持ちのメールソフトで' } satisfies Text,
  authority: { en: 'its certificate authority', ja: '認証局の証明書' } satisfies Text,
  write: {
    en: 'Write to aki@internet.test: she answers by herself (bounce@, slow@, greylist@, 451@ play errors, mallory@ forges)',
    ja: 'aki@internet.test に書くと返事が来ます(bounce@、slow@、greylist@、451@ はエラー役、mallory@ はなりすまし役です)',
  } satisfies Text,
  leave: {
    en: 'Ctrl-C removes everything; --data DIR keeps it',
    ja: 'Ctrl-C で全部消えます。--data フォルダ で残せます',
  } satisfies Text,
  trace: { en: 'What happened to a message', ja: 'メールに何が起きたか' } satisfies Text,
  kept: { en: 'Kept in', ja: '保存先' } satisfies Text,
}
