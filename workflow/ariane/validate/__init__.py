"""A laboratory's validation: its own solved cases, analysed as if nobody had solved them."""
