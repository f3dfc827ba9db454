"""Engines and files: the only package that names drivers."""
