"""明察: supervision of China's medical insurance funds, from order to recovered money."""

__version__ = "0.1.0"
