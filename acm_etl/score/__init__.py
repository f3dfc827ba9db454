"""From readings to health: frames in, frames out, no I/O, no clock."""
