"""Prediction: from a photograph to a matte, and from a matte to a cut-out.

`predicting` runs the network, `cutout` estimates foreground colours and composes, `targets` finds
the pictures and protects the files, `device` finds the device.
"""
