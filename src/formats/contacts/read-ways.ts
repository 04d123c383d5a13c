/** How somebody is reached: EMAIL, TEL, IMPP and its many relatives, LANG. RFC 9555 §2.6 */
import type { CardBuilder } from './card-builder.ts'
import type { VcardProperty } from './property.ts'

type Reader = (property: VcardProperty, card: CardBuilder) => void | false

export const wayReaders: Readonly<Record<string, Reader>> = {
  EMAIL: (property, card) => {
    const address = card.text(property).replace(/^mailto:/i, '')
    return address === '' ? undefined : void card.add('emails', property, { address })
  },
  TEL: (property, card) => {
    const number = card.text(property)
    return number === '' ? undefined : void card.add('phones', property, { number })
  },
  LANG: (property, card) => void card.add('preferredLanguages', property, { language: card.text(property) }),
  IMPP: (property, card) => {
    const [service] = property.parameters.get('X-SERVICE-TYPE') ?? property.parameters.get('SERVICE-TYPE') ?? []
    const [user] = property.parameters.get('USERNAME') ?? []
    const value = {
      uri: card.text(property),
      vCardName: 'impp',
      ...(service !== undefined && { service }),
      ...(user !== undefined && { user }),
    }
    card.add('onlineServices', property, value, ['X-SERVICE-TYPE', 'SERVICE-TYPE', 'USERNAME'])
  },
  SOCIALPROFILE: (property, card) => {
    const [service] = property.parameters.get('SERVICE-TYPE') ?? []
    const [user] = property.parameters.get('USERNAME') ?? []
    const isText = property.parameters.get('VALUE')?.[0]?.toLowerCase() === 'text'
    const value = {
      ...(isText ? { user: card.text(property) } : { uri: card.text(property) }),
      ...(service !== undefined && { service }),
      ...(user !== undefined && { user }),
    }
    card.add('onlineServices', property, value, ['SERVICE-TYPE', 'USERNAME'])
  },
  'X-SOCIALPROFILE': (property, card) => {
    const [user] = property.parameters.get('X-USER') ?? []
    const service = property.parameters.get('TYPE')?.find(type => !/^pref$/i.test(type))
    const value = {
      uri: card.text(property),
      vCardName: 'x-socialprofile',
      ...(service !== undefined && { service }),
      ...(user !== undefined && { user }),
    }
    card.add('onlineServices', property, value, ['TYPE', 'X-USER'])
  },
  ...Object.fromEntries(
    Object.entries({
      'X-AIM': 'AIM',
      'X-GTALK': 'Google Talk',
      'X-GOOGLE-TALK': 'Google Talk',
      'X-ICQ': 'ICQ',
      'X-JABBER': 'Jabber',
      'X-MSN': 'MSN',
      'X-QQ': 'QQ',
      'X-SKYPE': 'Skype',
      'X-SKYPE-USERNAME': 'Skype',
      'X-TWITTER': 'Twitter',
      'X-YAHOO': 'Yahoo',
    }).map(([name, service]): [string, Reader] => [name, messenger(service)]),
  ),
}

function messenger(service: string): Reader {
  return (property, card) =>
    void card.add('onlineServices', property, {
      user: card.text(property),
      service,
      vCardName: property.name.toLowerCase(),
    })
}
