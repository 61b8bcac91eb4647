"""Rules of the arrangements module: pure, frames and plain values in and out."""
