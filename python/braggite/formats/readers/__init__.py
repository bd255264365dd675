"""One module a file format; each defines `READER` (or `READERS`) and needs no registration elsewhere."""
