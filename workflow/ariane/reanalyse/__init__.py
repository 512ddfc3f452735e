"""From one cycle to the next: what changed, whom it touches, who must look."""
