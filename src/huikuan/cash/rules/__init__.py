"""Rules of the cash module: pure, frames and plain values in and out."""
