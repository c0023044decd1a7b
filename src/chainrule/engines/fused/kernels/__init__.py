"""The compiled kernels: each does one job and names its plain twin. Nothing here is loaded before a net trains fused."""
