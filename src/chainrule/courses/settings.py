"""What every Solver of a course takes where it is not told otherwise; `chainrule course NAME run` sets it."""

engine = "plain"  # keeps the printed digits; "auto" is faster where the model and the rule are the course's own
