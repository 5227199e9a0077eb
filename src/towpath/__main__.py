"""`python -m towpath` is the command `towpath`."""

from towpath.site.cli import main

main()
