"""What the four modular-network courses (CS182, CS682, CS231n, C147) share."""
