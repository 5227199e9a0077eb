"""The account as a PDF of one page, set by Typst with fonts that come along."""
