"""A language server: what `rem validate` and `rem show` know, told to an editor while somebody types.

It works on the repository as the editor shows it, the work tree with the open texts over it. It writes nothing and runs
nothing. `text` and `outline` read a text that may not parse right now, `meaning` says what stands at a place of it, and
`complete`, `hover`, `places` and `symbols` answer; only `server` speaks the protocol.
"""
