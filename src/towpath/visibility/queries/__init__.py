"""Reads that pages, API and commands show. They read standing records only, never the lake."""
