"""`python -m ghostnote` is `ghostnote`."""

from ghostnote.cli import main

main()
