"""How fast the product is, as ratios to the floor: the same work without us, on the same server, in the same run."""
