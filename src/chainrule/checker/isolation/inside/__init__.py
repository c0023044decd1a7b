"""What runs in the child process: it is started apart, without the rest of the library, and ends up locked."""
