"""What a user may set: policy, geopolitics, shocks, behaviour, horizon and how to run them."""
