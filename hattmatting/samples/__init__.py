"""Training samples: composites made when asked, each a function of the seed and its number alone.

`samples` composes from folders and `virtual_data` from a built dataset; `augment` varies placement,
colour and camera; `planes` adds a trimap or the layers. `device_compose` and `device_augment` do
part of the work on the training's device.
"""
