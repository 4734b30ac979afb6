"""`rem serve`: the facts of one repository as pages, and the same facts as JSON at the same addresses.

A page is a function from what stands to facts (`facts/`), and a template that shows them (`templates/`). Who asks, from
where and by what right is settled before (`guard`, `people`); nothing is decided in a template.
"""
