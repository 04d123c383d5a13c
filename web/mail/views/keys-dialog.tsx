import { singleKeys } from '../model/settings.ts'
import { t } from '../texts/texts.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { writing } from './writing.ts'
import './dialogs.css'

export function KeysDialog({ onClose }: { readonly onClose: () => void }) {
  const { keys, actions, mailboxes } = t()
  const groups: readonly (readonly [
    title: string,
    rows: readonly (readonly [keys: readonly string[], text: string])[],
  ])[] = [
    [
      keys.moving,
      [
        [['j', 'k', '↓', '↑'], keys.nextPrevious],
        [['Enter', 'o'], keys.open],
        [['u'], keys.back],
        [['/'], keys.search],
        [['g i'], keys.goto(mailboxes.inbox)],
        [['g d'], keys.goto(mailboxes.drafts)],
        [['g t'], keys.goto(mailboxes.sent)],
        [['g a'], keys.goto(mailboxes.archive)],
        [['g j'], keys.goto(mailboxes.junk)],
        [['g r'], keys.goto(mailboxes.trash)],
        [['g c'], t().contacts.keys],
        [['?'], keys.help],
      ],
    ],
    [
      keys.acting,
      [
        [['e'], actions.archive],
        [['#', 'Delete'], actions.trash],
        [['!'], actions.junk],
        [['s'], actions.star],
        [['Shift u'], keys.readUnread],
        [['v'], actions.move],
        [['l'], t().labels.choose],
        [['x'], keys.tick],
        [['*'], keys.tickAll],
        [['z'], actions.undo],
        [['Esc'], keys.clear],
      ],
    ],
    ...(writing.value
      ? ([
          [
            keys.writing,
            [
              [['c'], actions.compose],
              [['r'], actions.reply],
              [['a'], actions.replyAll],
              [['f'], actions.forward],
            ],
          ],
        ] as const)
      : []),
  ]
  return (
    <Dialog wide title={keys.title} closeLabel={t().actions.close} onClose={onClose}>
      {singleKeys.value === 'off' && (
        <p class="keys-off">
          <span>{keys.singleOff}</span>
          <Button kind="primary" onClick={() => (singleKeys.value = 'on')}>
            {keys.singleOn}
          </Button>
        </p>
      )}
      <div class="keys" data-single={singleKeys.value}>
        {groups.map(([title, rows]) => (
          <section key={title}>
            <h3>{title}</h3>
            <dl>
              {rows.map(([names, text]) => (
                <div key={text}>
                  <dt>
                    {names.map(name => (
                      <span key={name}>
                        {name.split(' ').map(key => (
                          <kbd key={key}>{key}</kbd>
                        ))}
                      </span>
                    ))}
                  </dt>
                  <dd>{text}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  )
}
