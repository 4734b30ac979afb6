"""From resolved packages to what runs: catalog, generations, and the record of who made which one active."""
