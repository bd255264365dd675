"""The compiled kernels; arrays are contiguous float64. Users call the typed Python layer instead."""

__version__: str
build_profile: str
source_digest: str
