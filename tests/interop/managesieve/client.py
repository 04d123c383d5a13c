"""What sievelib does with a server: port, user, password."""
import sys
from sievelib.managesieve import Client

port, user, password = int(sys.argv[1]), sys.argv[2], sys.argv[3]
client = Client("localhost", port)
assert client.connect(user, password, starttls=True, authmech="PLAIN"), client.errmsg
assert client.havespace("日本語", 100), client.errmsg
assert client.putscript("日本語", 'require ["fileinto"];\r\nfileinto "x";\r\n'), client.errmsg
assert not client.putscript("wrong", 'fileinto "x";'), "a mistake was not told"
assert client.setactive("日本語"), client.errmsg
active, others = client.listscripts()
assert active == "日本語", active
assert client.renamescript("日本語", "main"), client.errmsg
assert 'fileinto "x"' in client.getscript("main")
assert not client.deletescript("main"), "an active script was deleted"
assert client.setactive(""), client.errmsg
assert client.deletescript("main"), client.errmsg
client.logout()
print("well")
