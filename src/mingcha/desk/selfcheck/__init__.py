"""自查 A provider runs the library over data of its own; nobody else sees what comes of it."""
