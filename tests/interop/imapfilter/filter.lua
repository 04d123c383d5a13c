options.timeout = 20
options.certificates = true
options.create = true
options.subscribe = true
options.expunge = true
options.charset = 'UTF-8'

home = IMAP { server = 'localhost', port = @port@, username = '@user@', password = '@password@', ssl = 'auto' }

-- names and words in the charset above
home.INBOX:contain_body('波ダッシュ'):move_messages(home['保管'])
home.INBOX:is_flagged():copy_messages(home.Important)
home.INBOX:is_larger(20000):mark_seen()
home.INBOX:contain_subject('@unwanted@'):delete_messages()
results = home.INBOX:is_unseen() * home.INBOX:is_unanswered()
results:add_flags({ '$Filtered' })
