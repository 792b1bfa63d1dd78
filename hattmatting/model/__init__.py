"""The network: its configuration, its parts, its checkpoints and their cards.

`network.HAttMatting` puts `backbone` and `attention` together as `config` says; `ablations` names
the paper's variants, `pretrained` finds checkpoints, `card` describes them, and `discriminator` is
the paper's adversary.
"""
