"""OpenBao, or HashiCorp Vault with the same API, as the authority: its PKI engine signs what is requested here.

Keys are made on this machine and never sent: the server sees a signing request. Only what both servers understand is
asked for; what OpenBao alone has is asked for on top of it, and a server that does not know it leaves it out.
"""
