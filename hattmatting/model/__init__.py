"""The network: configuration, backbone, attention, checkpoints and their cards."""
