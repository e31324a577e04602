"""The questions that `trainer study` answers: one file each, which says what its arms are."""
