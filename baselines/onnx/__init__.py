"""Anybody's ONNX network as a method: a TOML file says how pictures go in and mattes come out."""
