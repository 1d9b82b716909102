"""Docstrings and signatures, made from what is known of the functions."""
def of_function(f): return f.info.title
