"""The world: countries, instruments and the network of 5 June 2025, from the data tables."""
