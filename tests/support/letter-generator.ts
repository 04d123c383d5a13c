/**
 * Letters from a seed, Japanese and English, good ones and junk: not real, but made as real ones are, from sentences, names and figures
 * that vary, with words in common between both kinds. Good: friends, work, shops where one has bought, newsletters, systems. Junk:
 * prizes, false bills, phishing, medicines, loans, dates.
 */
import { type Random, seededRandom } from './random.ts'

export type MadeLetter = {
  readonly kind: 'ham' | 'junk'
  readonly language: 'ja' | 'en'
  readonly topic: string
  readonly text: string
}

type Topic = {
  readonly from: (random: Random) => string
  readonly subjects: readonly string[]
  readonly sentences: readonly string[]
  readonly extra?: (random: Random) => string
}

const jaNames = ['佐藤', '鈴木', '高橋', '田中', '伊藤', '渡辺', '山本', '中村', '小林', '加藤']
const enNames = ['Alice', 'Ben', 'Carol', 'David', 'Erin', 'Frank', 'Grace', 'Henry', 'Irene', 'Jack']
const latin = ['sato', 'suzuki', 'takahashi', 'tanaka', 'ito', 'watanabe', 'yamamoto', 'nakamura', 'kobayashi', 'kato']
const junkDomain = (random: Random) =>
  `${random.pick(['mail', 'info', 'news', 'service', 'support', 'offer'])}${random.integer(900)}.${random.pick(['example', 'test', 'invalid'])}`

const person = (random: Random): string => {
  const index = random.integer(10)
  return `${jaNames[index]} <${latin[index]}@friends.example>`
}
const englishPerson = (random: Random): string => {
  const name = random.pick(enNames)
  return `${name} Miller <${name.toLowerCase()}@people.example>`
}

const ja: Readonly<Record<'ham' | 'junk', Readonly<Record<string, Topic>>>> = {
  ham: {
    friend: {
      from: person,
      subjects: ['週末の予定', '写真を送ります', 'ありがとう', 'Re: お久しぶり', '来月の同窓会'],
      sentences: [
        '元気ですか。',
        'こちらは変わりありません。',
        '土曜日のお昼は空いていますか。',
        '駅前の新しいお店に行ってみませんか。',
        '先日の写真を添付します。',
        '子どもの運動会が無事に終わりました。',
        'また連絡します。',
        '母がよろしくと言っていました。',
        '時間は11時でどうでしょう。',
        '借りていた本を返したいです。',
        '天気が良ければ散歩しましょう。',
        '会費は3,000円だそうです。',
      ],
    },
    work: {
      from: random => `${random.pick(jaNames)} <${random.pick(latin)}@office.example>`,
      subjects: [
        '打ち合わせの件',
        '見積書の送付',
        '議事録',
        '【重要】システム停止のお知らせ',
        '請求書(11月分)',
        '納期のご相談',
      ],
      sentences: [
        'いつもお世話になっております。',
        '株式会社サンプルの山田です。',
        '標記の件、ご確認をお願いいたします。',
        '見積書を添付いたしました。',
        '来週の会議は水曜日の10時からです。',
        '議事録をお送りしますので、誤りがあればお知らせください。',
        'お振込みは月末までにお願いいたします。',
        '資料の3ページをご覧ください。',
        '担当者と調整の上、改めてご連絡いたします。',
        'ご不明な点がございましたらお問い合わせください。',
        '何卒よろしくお願い申し上げます。',
        '至急の対応、ありがとうございました。',
      ],
    },
    shop: {
      from: () => '本と雑貨の店 <order@books.example>',
      subjects: ['ご注文の確認', '商品を発送しました', 'ポイント残高のお知らせ'],
      sentences: [
        'ご注文ありがとうございます。',
        '商品を本日発送いたしました。',
        'お届けは明後日の予定です。',
        '合計金額は4,180円です。',
        '領収書はマイページからご覧いただけます。',
        'ポイントが120点付与されました。',
        '配送状況はこちらから確認できます。',
        'またのご利用をお待ちしております。',
      ],
      extra: () => 'https://books.example/orders/1234',
    },
    newsletter: {
      from: () => '図書館だより <news@library.example>',
      subjects: ['図書館だより 11月号', '新着図書のご案内', 'おはなし会のお知らせ'],
      sentences: [
        '今月の新着図書をご案内します。',
        'おはなし会は第二土曜日です。',
        '参加費は無料です。',
        '休館日は月曜日です。',
        'お申し込みは窓口まで。',
        '配信の停止はこちらから。',
        '今月の特集は「旅」です。',
        '地域の歴史講座を開催します。',
      ],
      extra: () => 'https://library.example/news',
    },
  },
  junk: {
    prize: {
      from: random => `当選事務局 <winner${random.integer(999)}@${junkDomain(random)}>`,
      subjects: [
        '【重要】当選のお知らせ',
        'おめでとうございます!1億円に当選しました',
        '賞金の受け取り手続きについて',
        '【最終通知】受取期限が迫っています',
      ],
      sentences: [
        'おめでとうございます!',
        'あなたは1億円に当選しました。',
        '手数料3,000円をお振込みいただければ受け取れます。',
        '本日限りの特別なご案内です。',
        '至急ご返信ください。',
        '賞金の受け取りには口座番号が必要です。',
        '期限を過ぎると権利が失効します。',
        '選ばれた方だけにお送りしています。',
        'こちらのリンクから手続きしてください。',
        '完全無料で登録できます。',
      ],
      extra: random => `http://${junkDomain(random)}/prize/${random.integer(99999)}`,
    },
    bill: {
      from: random => `料金センター <bill@${junkDomain(random)}>`,
      subjects: ['未納料金のお知らせ', '【重要なお知らせ】お支払いについて', '法的手続きへの移行通知', '訴訟最終告知'],
      sentences: [
        '有料サイトの利用料金が未納となっております。',
        '本日中にご連絡がない場合、法的手続きに移行いたします。',
        '電子マネーでお支払いください。',
        'コンビニでギフトカードを購入し番号をお知らせください。',
        '訴訟を回避するには至急お電話ください。',
        '延滞料金が発生しています。',
        'ご本人様からの連絡がない場合、勤務先に通知いたします。',
        '退会処理には手数料が必要です。',
      ],
    },
    phishing: {
      from: random => `カード会員サービス <support@${junkDomain(random)}>`,
      subjects: [
        '【緊急】アカウントがロックされました',
        'お客様の口座に不審なアクセス',
        'ご本人確認のお願い',
        '支払い方法を更新してください',
      ],
      sentences: [
        'お客様のアカウントに異常なログインが検出されました。',
        '24時間以内にご本人確認を行ってください。',
        '確認いただけない場合、アカウントは永久に停止されます。',
        '下記のリンクからログインしてください。',
        'カード番号と暗証番号の入力が必要です。',
        'セキュリティ強化のため情報の更新をお願いします。',
        'このメールは自動送信です。',
        '不正利用を防ぐためカードを一時停止しました。',
      ],
      extra: random => `https://${junkDomain(random)}/login?id=${random.integer(99999)}`,
    },
    date: {
      from: random =>
        `${random.pick(['みか', 'ゆり', 'さき', 'れな'])} <${random.integer(9999)}@${junkDomain(random)}>`,
      subjects: ['突然のメールすみません', '会ってください', '寂しいです', '謝礼をお支払いします'],
      sentences: [
        '突然のメールすみません。',
        'プロフィールを見て連絡しました。',
        '今夜会ってくれる人を探しています。',
        '謝礼として50万円をお支払いします。',
        '写真はこちらのサイトで見られます。',
        '秘密厳守でお願いします。',
        '登録は無料なので返事をください。',
        'お金には困っていません。',
        '連絡先を交換しましょう。',
      ],
      extra: random => `http://${junkDomain(random)}/m/${random.integer(9999)}`,
    },
  },
}

const en: typeof ja = {
  ham: {
    friend: {
      from: englishPerson,
      subjects: ['Saturday', 'Photos from the trip', 'Re: dinner', 'Happy birthday!', 'Train times'],
      sentences: [
        'How are you?',
        'We are all fine here.',
        'Are you free for lunch on Saturday?',
        'The new place near the station looks nice.',
        'I attach the photos from last week.',
        'The kids enjoyed the match.',
        'Could you bring the book you borrowed?',
        'Let me know which train you take.',
        'Mum sends her regards.',
        'It was great to see you again.',
        'We could walk along the river if the weather holds.',
      ],
    },
    work: {
      from: random => `${random.pick(enNames)} Brown <${random.pick(latin)}@office.example>`,
      subjects: [
        'Minutes of the meeting',
        'Invoice 2026-11',
        'Draft for review',
        'Maintenance window',
        'Quarterly figures',
      ],
      sentences: [
        'Please find the minutes attached.',
        'The meeting moves to Wednesday at ten.',
        'Could you review the draft by Friday?',
        'Payment is due at the end of the month.',
        'The server will be restarted tonight.',
        'I updated the figures on page three.',
        'Let me know if anything is unclear.',
        'Thanks for the quick reply.',
        'The supplier confirmed the delivery date.',
        'We need two more signatures.',
      ],
    },
    system: {
      from: () => 'Build server <builds@office.example>',
      subjects: ['[build] main passed', '[build] main failed', 'Disk usage report', 'Backup finished'],
      sentences: [
        'Build 4711 finished after 12 minutes.',
        'All 2514 tests passed.',
        'One test failed: see the log.',
        'The backup of last night is complete.',
        'Disk usage is at 61 percent.',
        'Commit by Ben: fix a typo.',
        'Logs are kept for 30 days.',
      ],
      extra: () => 'https://office.example/builds/4711',
    },
  },
  junk: {
    lottery: {
      from: random => `Award Team <claims@${junkDomain(random)}>`,
      subjects: [
        'CONGRATULATIONS you have won',
        'Your winning notification',
        'Claim your prize now!!!',
        'Final notice: unclaimed funds',
      ],
      sentences: [
        'You have won 1,000,000 dollars in our lottery.',
        'To claim your prize send us your bank details.',
        'A small processing fee applies.',
        'This offer expires today.',
        'Act now, do not miss this opportunity.',
        'Your email address was selected at random.',
        'Contact our agent to release the funds.',
        'This is 100% free and legal.',
        'Keep this confidential until the transfer is done.',
      ],
      extra: random => `http://${junkDomain(random)}/claim/${random.integer(99999)}`,
    },
    pills: {
      from: random => `Pharmacy <sales@${junkDomain(random)}>`,
      subjects: ['Cheap meds online', 'Lose weight fast', '80% OFF today only', 'No prescription needed'],
      sentences: [
        'Buy cheap medications without a prescription.',
        'Lose 10 pounds in one week.',
        'Doctors hate this simple trick.',
        'Order now and save 80%.',
        'Discreet shipping worldwide.',
        'Satisfaction guaranteed or your money back.',
        'Click here to see our best offers.',
        'Limited stock, order today.',
      ],
      extra: random => `http://${junkDomain(random)}/rx/${random.integer(99999)}`,
    },
    loan: {
      from: random => `Finance Office <loans@${junkDomain(random)}>`,
      subjects: [
        'Your loan is approved',
        'Make money from home',
        'Bitcoin investment opportunity',
        'Urgent business proposal',
      ],
      sentences: [
        'Your loan of 50,000 dollars has been approved.',
        'No credit check required.',
        'Earn 5,000 dollars a week from home.',
        'Double your bitcoin in 24 hours.',
        'I am the lawyer of a late client who left 12 million dollars.',
        'Guaranteed returns with zero risk.',
        'Reply with your full name and phone number.',
        'This is a once in a lifetime opportunity.',
        'Investors are already making a fortune.',
      ],
      extra: random => `https://${junkDomain(random)}/apply`,
    },
    phishing: {
      from: random => `Account Security <security@${junkDomain(random)}>`,
      subjects: [
        'Your account has been suspended',
        'Unusual sign-in activity',
        'Verify your identity',
        'Update your payment method',
      ],
      sentences: [
        'We detected unusual activity in your account.',
        'Your account will be closed within 24 hours.',
        'Click the link below to verify your identity.',
        'Enter your card number and password.',
        'Failure to comply will result in permanent suspension.',
        'Your mailbox is almost full, upgrade now.',
        'This is an automated security message.',
        'Confirm your billing information.',
      ],
      extra: random => `https://${junkDomain(random)}/verify?u=${random.integer(99999)}`,
    },
  },
}

/** `count` letters, about as many of each kind and language. The same for the same seed. */
export function makeLetters(seed: number, count: number): readonly MadeLetter[] {
  const random = seededRandom(seed)
  return Array.from({ length: count }, (_, index) => makeLetter(random, seed, index))
}

function makeLetter(random: Random, seed: number, index: number): MadeLetter {
  const kind = index % 2 === 0 ? 'ham' : 'junk'
  const language = random.integer(2) === 0 ? 'ja' : 'en'
  const topics = Object.entries((language === 'ja' ? ja : en)[kind])
  const [topic, made] = random.pick(topics)
  const chosen = made.sentences.filter(() => random.next() < 0.55)
  const sentences = chosen.length < 3 ? made.sentences.slice(0, 3) : chosen
  const start = random.integer(sentences.length)
  const body = [...sentences.slice(start), ...sentences.slice(0, start)]
  if (made.extra) body.push(made.extra(random))
  if (random.next() < 0.3)
    body.unshift(language === 'ja' ? `${random.pick(jaNames)}様` : `Dear ${random.pick(enNames)},`)
  const from = made.from(random)
  const domain = from.slice(from.indexOf('@') + 1, -1)
  const day = 1 + random.integer(26)
  const text = [
    `From: ${encodedName(from)}`,
    'To: hanako@home.test',
    `Subject: ${encoded(random.pick(made.subjects))}`,
    `Date: ${new Date(Date.UTC(2026, 10, day, random.integer(24), random.integer(60))).toUTCString().replace('GMT', '+0900')}`,
    `Message-ID: <${seed}.${index}@${domain}>`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
    '',
    ...body,
    '',
  ].join('\r\n')
  return { kind, language, topic, text }
}

function encodedName(from: string): string {
  const [, name = '', address = ''] = /^(.*) (<.*>)$/.exec(from) ?? []
  return `${encoded(name)} ${address}`
}

function encoded(text: string): string {
  return /^[ -~]*$/.test(text) ? text : `=?UTF-8?B?${Buffer.from(text).toString('base64')}?=`
}
