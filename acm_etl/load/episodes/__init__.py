"""What people and messages say about episodes."""
