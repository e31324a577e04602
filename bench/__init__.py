"""What serving costs, measured: a load driver, the things it is pointed at side by side, and the tables it writes."""
