"""读取: every reader turns a file into tables of text with the line number of each record."""
