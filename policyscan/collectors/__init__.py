"""One source each, read into resources and gaps."""
