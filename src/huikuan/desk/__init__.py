"""工作台 desk: the server-rendered pages that a collections team works in."""
