"""The command line: a module a verb, each thin; ``output`` alone prints and exits."""
